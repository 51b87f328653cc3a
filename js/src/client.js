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
