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
