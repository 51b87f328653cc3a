/*!
 * Pushable @VERSION@: Backbone models and collections that stay true to a Rails app's records.
 * MIT licence. Needs Backbone; finds Faye's client when the page runs. Built from js/src by js/build.mjs.
 */
(function (root, factory) {
  'use strict';
  if (typeof define === 'function' && define.amd) {
    define(['backbone'], function (Backbone) { return factory(root, Backbone); });
  } else if (typeof module === 'object' && module.exports) {
    module.exports = factory(root, require('backbone'));
  } else {
    factory(root, root.Backbone);
  }
}(typeof self === 'object' && self || typeof global === 'object' && global || this, function (root, Backbone) {
  'use strict';

  if (!Backbone) throw new Error('Pushable needs Backbone: load backbone.js before pushable.js');
  // Loaded twice (a bundle and a script tag): the first one stays, or classes made from it would lose their base.
  if (Backbone.Pushable) return Backbone.Pushable;

  /* parts */

  Backbone.Pushable = Pushable;
  Backbone.PushableModel = PushableModel;
  Backbone.PushableCollection = PushableCollection;
  return Pushable;
}));
