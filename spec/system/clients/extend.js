var Member = Backbone.PushableModel.extend({
  channel: function () { return "member_" + this.id }
})

var Family = Backbone.PushableCollection.extend({
  model: Member,
  initialize: function (members, options) { this.id = options.id },
  channel: function () { return "family_" + this.id + "_members" }
})
