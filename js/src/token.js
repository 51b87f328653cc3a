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
