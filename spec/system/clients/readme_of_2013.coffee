class Family extends Backbone.PushableCollection
  channel: -> "family_#{@id}_members"
  model: Member
  initialize: (members, options) -> @id = (members || options).id

class Member extends Backbone.PushableModel
  channel: -> "member_#{@id}"
