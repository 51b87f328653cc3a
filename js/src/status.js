// Backbone.Pushable: settings, and the state of the connection for a badge or a banner.

var settings = {};

/**
 * @property {string} version
 * @property {'connecting'|'up'|'down'} state
 * Events: `up`, `down`; `subscribed` (channel), `denied` (channel, error).
 */
var Pushable = extend({ version: '@VERSION@', state: 'connecting' }, Backbone.Events);

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
