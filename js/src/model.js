// Backbone.PushableModel

var BaseModel = Backbone.Model;

var modelKind = {
  rank: 2,

  /** A model in a live collection needs no channel: the collection's brings its updates and its end. */
  wanted: function (state) {
    if (state.left || state.object.isNew()) return null;
    var forced = state.pinned || state.holders.some(function (collection) { return collection.pushInstances; });
    if (!forced && state.holders.some(isLive)) return null;
    return channelOf(state.object, ['channel', 'instance_channel']);
  },

  moved: function () {},

  waits: modelWaits,

  idOf: function (model, message) {
    if (!message.object) return null;
    var id = message.object[model.idAttribute];
    return id === undefined ? parsed(model, message.object)[model.idAttribute] : id;
  },

  apply: function (model, id, message, options) {
    if (message.event === 'resync') return refetch(model, options);
    if (String(id) !== String(model.id)) return; // several records may share a channel
    if (message.event === 'destroy') leave(model, options);
    else if (message.partial) refetch(model, options);
    else merge(model, message, options);
  }
};

/**
 * A Backbone model that hears of its record's changes. Say the channel with `channel` (a string or a function);
 * `instance_channel` is the older name. An ES5 constructor on purpose: `extend`, ES6 classes and both CoffeeScripts
 * can all inherit from it.
 */
var PushableModel = BaseModel.extend({
  constructor: function () {
    attachModel(this);
    BaseModel.apply(this, arguments);
  },

  set: function () {
    var result = BaseModel.prototype.set.apply(this, arguments);
    touch(this);
    return result;
  },

  sync: syncNoted(BaseModel),

  /** Called with each message before it is applied; return false to drop it. */
  receive: function () {},

  /** Listens on the model's own channel, in a live collection and after it has left one too. */
  subscribe: function () {
    extend(this._pushable, { stopped: false, left: false, pinned: true });
    touch(this);
    return this;
  },

  /** Listens no more until `subscribe()`. */
  unsubscribe: function () {
    extend(this._pushable, { stopped: true, pinned: false });
    touch(this);
    return this;
  }
});

function attachModel(model) {
  model._pushable = new State(model, modelKind);
  touch(model);
}
