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
