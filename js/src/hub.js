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
