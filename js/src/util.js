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
