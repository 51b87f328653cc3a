/*!
 * Pushable 1.0.0: Backbone models and collections that stay true to a Rails app's records.
 * MIT licence. Needs Backbone; finds Faye's client when the page runs. Built from js/src by js/build.mjs.
 */
(function (root, factory) {
  'use strict';
  if (typeof define === 'function' && define.amd) {
    define(['backbone'], function (Backbone) { return factory(root, Backbone); });
  } else if (typeof module === 'object' && module.exports) {
    module.exports = factory(root, require('backbone'));
  } else {
    factory(root, root.Backbone);
  }
}(typeof self === 'object' && self || typeof global === 'object' && global || this, function (root, Backbone) {
  'use strict';

  if (!Backbone) throw new Error('Pushable needs Backbone: load backbone.js before pushable.js');
  // Loaded twice (a bundle and a script tag): the first one stays, or classes made from it would lose their base.
  if (Backbone.Pushable) return Backbone.Pushable;

  // Small things every part uses. ES5 only, and no Underscore: Backbone may run on Lodash.

  function extend(target) {
    for (var i = 1; i < arguments.length; i++) {
      for (var key in arguments[i]) target[key] = arguments[i][key];
    }
    return target;
  }

  /**
   * Calls `action`; an error it throws is thrown again outside, where window.onerror sees it. One handler of the app
   * that throws must not cost the messages and the steps that come after it.
   * @returns {boolean} whether it ran to its end
   */
  function guarded(action) {
    try {
      action();
      return true;
    } catch (error) {
      setTimeout(function () { throw error; }, 0);
      return false;
    }
  }

  /** Runs `action` after the running code, before the browser does anything else. */
  var microtask = typeof Promise === 'function' ?
    function (action) { Promise.resolve().then(action); } :
    function (action) { setTimeout(action, 0); };

  var warned = {};

  function warnOnce(text) {
    if (warned.hasOwnProperty(text) || typeof console === 'undefined') return;
    warned[text] = true;
    console.warn('Pushable: ' + text);
  }

  /** The class's name for a warning. Classes made by `extend` have none (their functions are called `child`). */
  function classNameOf(object) {
    var name = object.constructor.name;
    if (name && name !== 'child' && name !== 'constructor') return name;
    return object instanceof Backbone.Model ? 'a PushableModel' : 'a PushableCollection';
  }

  // Channel names: where an object says its own, and how a name is written on the wire. The escape rule is shared with
  // the Ruby side; spec/vectors/channels.json is the table both are tested with.

  /** A part that JavaScript made of a missing value: `"family_" + undefined`. */
  var UNSET_PART = /(^|[^A-Za-z0-9])(undefined|NaN|null)(?![A-Za-z0-9])/;

  // A surrogate pair is one character; or else any character that Faye's grammar does not allow in a segment.
  var UNSAFE = /[\ud800-\udbff][\udc00-\udfff]|[^A-Za-z0-9_\-!~()@\/]/g;

  /** The UTF-8 bytes of one character, each as `$` and two hex digits. */
  function escapeCharacter(character) {
    var percents = encodeURIComponent(character);
    if (percents === character) percents = '%' + character.charCodeAt(0).toString(16); // . * ' are left alone by it
    return percents.toLowerCase().split('%').join('$');
  }

  /**
   * The Bayeux channel of a name: `family_1_members` → `/sync/family_1_members`, `a.b` → `/sync/a$2eb`.
   * @throws {Error} when the name is empty or has an empty segment
   */
  function wireChannel(name) {
    if (!/^[^\/]+(\/[^\/]+)*$/.test(name)) {
      throw new Error('"' + name + '" is no channel name: between slashes there must be something');
    }
    return '/sync/' + String(name).replace(UNSAFE, escapeCharacter);
  }

  /**
   * What the object itself says, by the first of `properties` that it has (a string or a function).
   * There is no default made of the class name: minifiers change it.
   */
  function ownChannelName(object, properties) {
    for (var i = 0; i < properties.length; i++) {
      var value = object[properties[i]];
      if (value !== undefined) return typeof value === 'function' ? value.call(object) : value;
    }
    return null;
  }

  /** The object's Bayeux channel, or null when it has none (yet). Warns once about a name that cannot be meant. */
  function channelOf(object, properties) {
    var name = ownChannelName(object, properties);
    if (name === null || name === undefined || name === false) return null;
    if (UNSET_PART.test(name)) {
      warnOnce(classNameOf(object) + ' does not listen to "' + name + '": a part of the name was not set when it was ' +
        'asked for. Set it before the running code ends, or call subscribe() afterwards.');
      return null;
    }
    try {
      return wireChannel(name);
    } catch (error) {
      warnOnce(classNameOf(object) + ' does not listen: ' + error.message);
      return null;
    }
  }

  // Backbone.Pushable: settings, and the state of the connection for a badge or a banner.

  var settings = {};

  /**
   * @property {string} version
   * @property {'connecting'|'up'|'down'} state
   * Events: `up`, `down`; `subscribed` (channel), `denied` (channel, error).
   */
  var Pushable = extend({ version: '1.0.0', state: 'connecting' }, Backbone.Events);

  /**
   * Says where Faye is. Every key is optional.
   * @param {Object} options
   * @param {Object} [options.client] a Faye client of yours, used as it is
   * @param {Object} [options.Faye] the Faye module, when it is not the global `Faye`
   * @param {string} [options.url] Faye's address; else <meta name="pushable-url">, else where Faye's client.js came from
   */
  Pushable.configure = function (options) {
    if (client && options.client && options.client !== client) {
      warnOnce('configure({client}) came too late: another Faye client is in use already');
    }
    extend(settings, options);
    if (retryTimer) connect();
  };

  /** The Bayeux channel of a channel name, as the server writes it. */
  Pushable.channel = wireChannel;

  function setState(state) {
    if (Pushable.state === state) return;
    Pushable.state = state;
    if (state !== 'connecting') guarded(function () { Pushable.trigger(state); });
  }

  // What a subscription shows where the Faye server asks who may listen: the token that the page came with.

  /** The token of the page's <meta name="pushable-token" data-channel="family_1_members">, or null. */
  function pageToken(channel) {
    var metas = root.document ? root.document.querySelectorAll('meta[name="pushable-token"]') : [];
    for (var i = 0; i < metas.length; i++) {
      var name = metas[i].getAttribute('data-channel');
      if (name && wireChannel(name) === channel) return metas[i].getAttribute('content');
    }
    return null;
  }

  /** A Faye extension. The token goes with /meta/subscribe alone: also when Faye subscribes anew by itself. */
  var tokenBearer = {
    outgoing: function (message, callback) {
      var token = message.channel === '/meta/subscribe' && pageToken(message.subscription);
      if (token) {
        message.ext = extend({}, message.ext);
        message.ext.pushable = extend({}, message.ext.pushable, { token: token });
      }
      callback(message);
    }
  };

  // Finding Faye's client. It is never bundled, and may come late: a page that is loaded while Faye is down has no
  // client.js, and must start all the same.

  var RETRY = 1000;

  var client = null;
  var retryTimer = null;

  /** `.../faye` of the script tag that loaded `.../faye/client.js`, or null. */
  function scriptUrl() {
    var scripts = root.document.getElementsByTagName('script');
    for (var i = 0; i < scripts.length; i++) {
      var match = /^(.*\/faye)\/client\.js([?#]|$)/.exec(scripts[i].src);
      if (match) return match[1];
    }
    return null;
  }

  function fayeUrl() {
    if (settings.url) return settings.url;
    if (!root.document) return '/faye';
    var meta = root.document.querySelector('meta[name="pushable-url"]');
    return (meta && meta.getAttribute('content')) || scriptUrl() || '/faye';
  }

  function findClient() {
    if (settings.client || root.FayeClient) return settings.client || root.FayeClient;
    var Faye = settings.Faye || root.Faye;
    return Faye ? new Faye.Client(fayeUrl()) : null;
  }

  /** Takes the client when there is one, else looks again each second. */
  function connect() {
    clearTimeout(retryTimer);
    retryTimer = null;
    guarded(function () { client = findClient(); });
    if (client) {
      setState('connecting');
      if (client.addExtension) client.addExtension(tokenBearer);
      client.on('transport:up', function () { setState('up'); });
      client.on('transport:down', function () { setState('down'); });
      settleAll();
    } else {
      warnOnce('no Faye client on this page: load client.js from the Faye server, or call ' +
        'Backbone.Pushable.configure({client: ...}). Looking again each second.');
      setState('down');
      if (Object.keys(channels).length) retryTimer = setTimeout(connect, RETRY);
    }
  }

  // One Faye subscription for each channel, however many objects listen to it.

  /** Bayeux channel → { name, states, subscription, acked } */
  var channels = {};

  /** Where each page listens as long as any of its objects listens at all. No channel's name is written so. */
  var EVERYONE = '/sync/$all';

  /** How many objects listen. */
  var listeners = 0;

  function acquire(name, state) {
    join(name, state);
    if (listeners++ === 0) join(EVERYONE, everyone);
  }

  function release(name, state) {
    part(name, state);
    if (--listeners === 0) part(EVERYONE, everyone);
  }

  function join(name, state) {
    var channel = channels[name];
    if (!channel) channel = channels[name] = { name: name, states: [], subscription: null, acked: false };
    channel.states.push(state);
    settle(channel);
  }

  function part(name, state) {
    var channel = channels[name];
    channel.states.splice(channel.states.indexOf(state), 1);
    settle(channel);
  }

  /**
   * Makes the subscription what the listeners need. Never cancels before the answer: Faye forgets such a cancel and
   * the messages come for ever.
   */
  function settle(channel) {
    if (channel.states.length && !channel.subscription) {
      if (client) subscribe(channel);
      else if (!retryTimer) connect();
    } else if (!channel.states.length && (channel.acked || !channel.subscription)) {
      delete channels[channel.name];
      if (channel.subscription) channel.subscription.cancel();
    }
  }

  function settleAll() {
    for (var name in channels) settle(channels[name]);
  }

  function subscribe(channel) {
    channel.subscription = client.subscribe(channel.name, function (message) { deliver(channel, message); });
    channel.subscription.then(function () {
      setState('up');
      answered(channel, 'subscribed');
    }, function (error) {
      warnOnce('the Faye server refused ' + channel.name + ': ' + (error && error.message || error));
      answered(channel, 'denied', error);
    });
  }

  function answered(channel, event, error) {
    channel.acked = true;
    settle(channel);
    if (channel.name !== EVERYONE) guarded(function () { Pushable.trigger(event, channel.name, error); });
  }

  /** Only the four events of the contract are obeyed: a message must never be able to call any method by its name. */
  function isMessage(message) {
    if (!message || typeof message !== 'object') return false;
    if (message.event === 'resync') return true;
    return /^(create|update|destroy)$/.test(message.event) && !!message.object && typeof message.object === 'object';
  }

  function deliver(channel, message) {
    if (!isMessage(message)) return;
    channel.states.slice().forEach(function (state) {
      // A handler of the message may have let go of the next listener.
      if (channel.states.indexOf(state) >= 0) guarded(function () { state.receive(message); });
    });
  }

  /** Every page is told at once: each fetches at a time of its own within so many milliseconds, or they would be a crowd. */
  var SPREAD = 5000;

  /** Listens for all of the page's objects. Only `resync` is obeyed there. */
  var everyone = {
    timer: null,

    receive: function (message) {
      if (message.event !== 'resync' || everyone.timer) return;
      everyone.timer = setTimeout(function () {
        everyone.timer = null;
        Object.keys(channels).forEach(function (name) {
          if (name !== EVERYONE) deliver(channels[name], message);
        });
      }, Math.random() * SPREAD);
    }
  };

  // Requests on their way ("flights"), and the messages that wait for them.
  //
  // A push can overtake the reply of the request that caused it. Applied at once it would show a record twice (the
  // optimistic one has no id yet) or put a value back. So while a record has a request in flight its messages wait;
  // while a new record is being posted, messages of ids its collection does not know wait; while a collection fetches,
  // all of its messages wait. At the end they are applied in the order in which they came.

  /** A request that never ends must not hold messages for ever. */
  var LONGEST_FLIGHT = 10000;

  /** { target, method, id, collections } */
  var flights = [];

  /** The states that have messages waiting. */
  var waiting = [];

  /** Every collection that holds the model, and the one that `create` with `wait` made it for. */
  function collectionsOf(model) {
    var collections = model._pushable ? model._pushable.holders.slice() : [];
    if (model.collection && collections.indexOf(model.collection) < 0) collections.push(model.collection);
    return collections;
  }

  /**
   * Notes a request of `target` (a model or a collection) until its success or error callback has run.
   * @returns {function} ends the flight; for a request that was never sent
   */
  function takeOff(target, method, options) {
    var isModel = target instanceof Backbone.Model;
    var flight = { target: target, method: method, id: target.id, collections: isModel ? collectionsOf(target) : [] };
    var cap = setTimeout(land, LONGEST_FLIGHT);

    function land() {
      var index = flights.indexOf(flight);
      if (index < 0) return;
      clearTimeout(cap);
      flights.splice(index, 1);
      waiting.slice().forEach(function (state) { state.drain(); });
    }

    flights.push(flight);
    landAfter(options, 'success', function () {
      if (method === 'delete' && isModel) bury(flight);
      land();
    });
    landAfter(options, 'error', land);
    return land;
  }

  /** After the own DELETE: the model listens no more, and what waited would only bring the record back. */
  function bury(flight) {
    retire(flight.target);
    flight.collections.forEach(function (collection) {
      if (collection._pushable) collection._pushable.forget(flight.id);
    });
  }

  function landAfter(options, name, land) {
    var callback = options[name];
    options[name] = function () {
      try {
        return callback && callback.apply(this, arguments);
      } finally {
        land();
      }
    };
  }

  /** Whether messages must wait before the model applies them. */
  function modelWaits(model) {
    return flights.some(function (flight) { return flight.target === model; });
  }

  /** Whether a message about `id` must wait before the collection applies it. */
  function collectionWaits(collection, id) {
    return flights.some(function (flight) {
      if (flight.target === collection) return flight.method === 'read';
      if (!(flight.target instanceof Backbone.Model)) return false;
      // Those of the start too: a model that is being deleted has left its collection already.
      if (flight.collections.concat(collectionsOf(flight.target)).indexOf(collection) < 0) return false;
      return flight.method === 'create' ? !collection.get(id) : String(flight.id) === String(id);
    });
  }

  // What Pushable keeps for each model and collection: the channel it listens to and the messages that wait.
  //
  // Nothing happens in a constructor or in `initialize`: the object is only marked, and one microtask later its channel
  // is asked for. By then the class's own `initialize`, class fields and the code after `super()` have run, so every
  // class style works alike; and an id that comes with a later `set` needs nothing special.

  /**
   * @param {Object} object the model or collection
   * @param {Object} kind what differs between the two: wanted, waits, idOf, apply
   */
  function State(object, kind) {
    this.object = object;
    this.kind = kind;
    this.name = null;      // the Bayeux channel it listens to
    this.queue = [];       // { id, message } that wait for a request to end
    this.draining = false;
    this.again = false;    // something ended while draining
    this.marked = false;   // its channel is about to be asked for
    this.stopped = false;  // unsubscribe() was called
    this.pinned = false;   // subscribe() was called on a model: it listens even where a collection would do it for it
    this.left = false;     // the model was destroyed or has left its last collection
    this.holders = [];     // the pushable collections that hold the model
  }

  var marked = [];

  /** Has the object's channel asked for (again) after the running code. Many marks, one question. */
  function touch(object) {
    var state = object._pushable;
    if (state.marked) return;
    state.marked = true;
    marked.push(state);
    if (marked.length === 1) microtask(resubscribeMarked);
  }

  function resubscribeMarked() {
    var states = marked;
    marked = [];
    // Collections first: whether one is live decides what its models do.
    states.sort(function (a, b) { return a.kind.rank - b.kind.rank; });
    states.forEach(function (state) {
      state.marked = false;
      guarded(function () { state.resubscribe(); });
    });
  }

  State.prototype.resubscribe = function () {
    var name = this.stopped ? null : this.kind.wanted(this);
    if (name === this.name) return;
    var old = this.name;
    this.name = name;
    this.queue = [];
    // The new one first: a channel that stays in use is not cancelled and asked for again.
    if (name) acquire(name, this);
    if (old) release(old, this);
    this.kind.moved(this);
  };

  State.prototype.receive = function (message) {
    if (this.object.receive(message) === false) return;
    this.queue.push({ id: this.kind.idOf(this.object, message), message: message });
    this.drain();
  };

  /** Applies what need not wait; the messages of one record stay in order. */
  State.prototype.drain = function () {
    this.again = true;
    if (this.draining) return;
    this.draining = true;
    while (this.again) {
      this.again = false;
      this.drainOnce();
    }
    this.draining = false;
    var place = waiting.indexOf(this);
    if (this.queue.length && place < 0) waiting.push(this);
    else if (!this.queue.length && place >= 0) waiting.splice(place, 1);
  };

  State.prototype.drainOnce = function () {
    var behind = {};
    var index = 0;
    while (index < this.queue.length) {
      var entry = this.queue[index];
      if (behind[entry.id] || this.kind.waits(this.object, entry.id)) {
        behind[entry.id] = true;
        index++;
      } else {
        this.queue.splice(index, 1);
        this.apply(entry);
      }
    }
  };

  /** Drops what waits for a record. */
  State.prototype.forget = function (id) {
    this.queue = this.queue.filter(function (entry) { return String(entry.id) !== String(id); });
  };

  State.prototype.apply = function (entry) {
    var state = this;
    guarded(function () {
      state.kind.apply(state.object, entry.id, entry.message, { pushed: true, push: entry.message });
    });
  };

  /** The `sync` of both bases: Backbone's own, with the request noted. */
  function syncNoted(Base) {
    return function (method, object, options) {
      var land = takeOff(this, method, options = options || {});
      try {
        return Base.prototype.sync.call(this, method, object, options);
      } catch (error) {
        land();
        throw error;
      }
    };
  }

  // Reading a message: which record it is about, and which of its values are news.

  /** The object's own attributes by the model's `parse`; the object itself where `parse` finds nothing it knows. */
  function parsed(parser, object, options) {
    return parser && parser.parse && parser.parse(object, options || {}) || object;
  }

  /** The columns as sent: the server may have wrapped them in the model's name. */
  function columnsOf(object) {
    var keys = Object.keys(object);
    var inner = keys.length === 1 && object[keys[0]];
    return inner && typeof inner === 'object' && !Array.isArray(inner) ? inner : object;
  }

  /**
   * The attributes a client that holds the record must take. `changed` names the columns that are news; the others may
   * be older than what is held. Attributes that `parse` made itself have no column to judge them by and are taken.
   */
  function newsFor(model, message, options) {
    var attributes = parsed(model, message.object, options);
    if (!message.changed) return attributes;
    var columns = columnsOf(message.object);
    var news = {};
    Object.keys(attributes).forEach(function (key) {
      if (message.changed.indexOf(key) >= 0 || !columns.hasOwnProperty(key)) news[key] = attributes[key];
    });
    return news;
  }

  // Applying a message to the models. Each step stands alone: a handler of the app that throws skips nothing else.

  /** Whether the comparator can place the model elsewhere after these changes. */
  function reorders(collection, changes) {
    var comparator = collection.comparator;
    return !!comparator && !!changes && (typeof comparator !== 'string' || comparator in changes);
  }

  /** Takes the news into a model that is held. Fires what Backbone fires for a merge, then `push:update`. */
  function merge(model, message, options) {
    var news = newsFor(model, message, options);
    var changes = model.changedAttributes(news);
    var changing = model._changing;
    if (!guarded(function () { model.set(news, options); })) {
      // Backbone does not tidy up after a handler that throws: without this the model would never fire `change` again.
      model._changing = changing;
      model._pending = false;
    }
    collectionsOf(model).forEach(function (collection) {
      var details = extend({}, options, { changes: { added: [], merged: [model], removed: [] } });
      if (reorders(collection, changes)) guarded(function () { collection.sort(options); });
      guarded(function () { collection.trigger('update', collection, details); });
    });
    guarded(function () { model.trigger('push:update', model, options); });
  }

  /** A record that the collection does not hold. Fires Backbone's `add` and `update`, then `push:create`. */
  function enter(collection, model, options) {
    guarded(function () { collection.add(model, options); });
    guarded(function () { model.trigger('push:create', model, options); });
  }

  /** Makes the collection's kind of model from a pushed object, by its own `parse` where that finds the record. */
  function build(collection, object, options) {
    var model = collection._prepareModel(object, extend({}, options, { parse: true }));
    if (model && !model.isNew()) return model;
    return collection._prepareModel(object, options);
  }

  /** The record is gone: every collection and view lets go of it, as after `destroy`, but no request is sent. */
  function leave(model, options) {
    var collections = collectionsOf(model);
    guarded(function () { model.trigger('push:destroy', model, options); });
    model.stopListening();
    guarded(function () { model.trigger('destroy', model, model.collection, options); });
    // Where a handler threw, Backbone's own did not run.
    collections.forEach(function (collection) {
      guarded(function () { collection.remove(model, options); });
    });
    if (model._pushable) retire(model);
  }

  /** A destroyed model listens no more, unless it is added or subscribed again. */
  function retire(model) {
    model._pushable.left = true;
    model._pushable.pinned = false;
    touch(model);
  }

  function hasUrl(object) {
    try {
      return !!(typeof object.url === 'function' ? object.url() : object.url);
    } catch (error) {
      return false; // Backbone's way to say that a model has none
    }
  }

  /** Asks the server for what the message could not bring; `push:gap` tells an app that has no url to ask at. */
  function refetch(object, options) {
    if (hasUrl(object)) object.fetch(extend({}, options));
    else object.trigger('push:gap', object, options);
  }

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

  Backbone.Pushable = Pushable;
  Backbone.PushableModel = PushableModel;
  Backbone.PushableCollection = PushableCollection;
  return Pushable;
}));
