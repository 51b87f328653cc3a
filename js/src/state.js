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
