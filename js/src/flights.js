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
