class Member extends Backbone.PushableModel {
  channel() { return `member_${this.id}` }
}

class Family extends Backbone.PushableCollection {
  model = Member

  constructor(members, options) {
    super(members, options)
    this.id = options.id
  }

  channel() { return `family_${this.id}_members` }
}
