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
