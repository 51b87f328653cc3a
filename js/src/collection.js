// Backbone.PushableCollection

var BaseCollection = Backbone.Collection;

/** Whether the collection speaks for its models. One that was told to be silent does: its models stay silent too. */
function isLive(collection) {
  return collection._pushable.name !== null || collection._pushable.stopped;
}

var collectionKind = {
  rank: 1,

  wanted: function (state) {
    return channelOf(state.object, ['channel', 'collection_channel']);
  },

  /** Its models may have to open or close channels of their own. */
  moved: function (state) {
    state.object.each(function (model) { if (model._pushable) touch(model); });
  },

  waits: collectionWaits,

  idOf: function (collection, message) {
    if (!message.object) return null;
    var id = collection.modelId(message.object);
    return id === undefined ? collection.modelId(parsed(collection.model.prototype, message.object)) : id;
  },

  apply: function (collection, id, message, options) {
    if (message.event === 'resync') return refetch(collection, options);
    if (id === null || id === undefined) return;
    var model = collection.get(id);
    if (message.event === 'destroy') {
      if (model) leave(model, options);
    } else if (model) {
      if (message.partial) refetch(model, options);
      else merge(model, message, options);
    } else {
      welcome(collection, message, options);
    }
  }
};

/** Takes in a record it does not hold; asks the server for it first when only the key came. */
function welcome(collection, message, options) {
  var model = build(collection, message.object, options);
  if (!model) return;
  if (!message.partial) {
    enter(collection, model, options);
  } else if (hasUrl(model)) {
    if (model._pushable) retire(model); // until it is added: it must not open a channel of its own meanwhile
    model.fetch(extend({}, options, { success: function () { enter(collection, model, options); } }));
  } else {
    collection.trigger('push:gap', collection, options);
  }
}

/**
 * A Backbone collection whose models come, change and go with the server's records. Say the channel with `channel`
 * (a string or a function); `collection_channel` is the older name. Its models open no channels of their own, unless
 * `pushInstances` is true (for servers that push updates to the instances' channels only).
 */
var PushableCollection = BaseCollection.extend({
  pushInstances: false,

  constructor: function (models, options) {
    if (this.model === undefined && !(options && options.model)) {
      throw new Error('`model` of ' + classNameOf(this) + ' is undefined: define the class of the model before the ' +
        'class of the collection (its body is read when it is defined, and the model was not there yet)');
    }
    this._pushable = new State(this, collectionKind);
    touch(this);
    BaseCollection.apply(this, arguments);
  },

  set: function () {
    var result = BaseCollection.prototype.set.apply(this, arguments);
    touch(this);
    return result;
  },

  sync: syncNoted(BaseCollection),

  /** Called with each message before it is applied; return false to drop it. */
  receive: function () {},

  /** Listens again after `unsubscribe()`; asks for the channel again. */
  subscribe: function () {
    this._pushable.stopped = false;
    touch(this);
    return this;
  },

  /** Listens no more until `subscribe()`. */
  unsubscribe: function () {
    this._pushable.stopped = true;
    touch(this);
    return this;
  },

  _addReference: function (model) {
    BaseCollection.prototype._addReference.apply(this, arguments);
    var state = model._pushable;
    if (!state) return; // a plain Backbone.Model
    state.holders.push(this);
    state.left = false;
    touch(model);
  },

  _removeReference: function (model) {
    BaseCollection.prototype._removeReference.apply(this, arguments);
    var state = model._pushable;
    if (!state) return;
    state.holders.splice(state.holders.indexOf(this), 1);
    if (!state.holders.length && !state.pinned) state.left = true;
    touch(model);
  },

  /** One id, one model: the model that takes an id which another one has already stays, and the other goes. */
  _onModelEvent: function (event, model) {
    if (event === 'changeId' || (model && event === 'change:' + model.idAttribute)) {
      var twin = this.get(this.modelId(model.attributes, model.idAttribute));
      if (twin && twin !== model && this._byId[model.cid] === model) this.remove(twin);
    }
    return BaseCollection.prototype._onModelEvent.apply(this, arguments);
  }
});
