// An ordinary Backbone application. What makes it live are the two base classes and the two channel methods.
(function () {
  "use strict";

  var Member = Backbone.PushableModel.extend({
    urlRoot: "/members",

    channel: function () {
      return "member_" + this.id;
    }
  });

  var Members = Backbone.PushableCollection.extend({
    model: Member,
    comparator: function (a, b) {
      return a.get("name").localeCompare(b.get("name")) || a.id - b.id;
    },

    initialize: function (models, options) {
      this.family = options.family;
      this.on("change:name", function () { this.sort(); });
    },

    url: function () {
      return "/families/" + this.family.id + "/members";
    },

    channel: function () {
      return "family_" + this.family.id + "_members";
    }
  });

  var MemberView = Backbone.View.extend({
    events: {
      "change .name": "rename",
      "keydown .name": "leaveOnKey",
      "change .move": "move",
      "click .remove": "remove_"
    },

    initialize: function (options) {
      this.families = options.families;
      this.setElement(fromTemplate("member-template"));
      this.families.forEach(function (family) {
        this.$(".move").append(new Option(family.name, family.id));
      }, this);
      this.listenTo(this.model, "change", function (model, change) {
        this.render();
        if (change.pushed) this.flash();
      });
      this.render();
    },

    render: function () {
      var name = this.model.get("name"), input = this.$(".name");
      if (!input.is(":focus")) input.val(name);
      this.$el.attr("data-id", this.model.id);
      this.$el.css("--hue", hue(this.model.id));
      this.$(".avatar").text(name.charAt(0).toUpperCase());
      this.$(".move").val(this.model.get("family_id"));
      return this;
    },

    flash: function () {
      restartAnimation(this.el, "changed");
    },

    leaveOnKey: function (event) {
      if (event.key === "Escape") event.target.value = this.model.get("name");
      if (event.key === "Escape" || event.key === "Enter") event.target.blur();
    },

    rename: function () {
      this.change({ name: this.$(".name").val().trim() });
    },

    move: function () {
      this.change({ family_id: Number(this.$(".move").val()) });
    },

    change: function (attributes) {
      this.model.save(attributes, { patch: true, wait: true, error: this.refuse.bind(this) });
    },

    remove_: function () {
      this.model.destroy({ wait: true, error: this.refuse.bind(this) });
    },

    refuse: function () {
      this.$(".name").val(this.model.get("name"));
      this.render();
      restartAnimation(this.el, "refused");
    }
  });

  var FamilyView = Backbone.View.extend({
    events: { "submit .add": "add" },

    initialize: function (options) {
      this.families = options.families;
      this.setElement(fromTemplate("family-template"));
      this.$el.attr("data-family", options.family.id);
      this.$(".family-name").text(options.family.name);
      this.views = {};
      this.collection.forEach(this.show, this);
      this.listenTo(this.collection, "add", function (model, collection, change) {
        this.show(model);
        if (change.pushed) this.views[model.cid].flash();
      });
      this.listenTo(this.collection, "remove", this.hide);
      this.listenTo(this.collection, "sort", this.arrange);
      this.listenTo(this.collection, "update", this.count);
      this.arrange();
      this.count();
    },

    show: function (model) {
      this.views[model.cid] = new MemberView({ model: model, families: this.families });
      this.arrange();
    },

    hide: function (model) {
      this.views[model.cid].remove();
      delete this.views[model.cid];
    },

    // Moves only the rows that are out of place, so that a name being typed keeps its focus.
    arrange: function () {
      var list = this.$(".members")[0];
      this.collection
        .filter(function (model) { return this.views[model.cid]; }, this)
        .forEach(function (model, place) {
          var row = this.views[model.cid].el;
          if (list.children[place] !== row) list.insertBefore(row, list.children[place]);
        }, this);
    },

    count: function () {
      this.$(".count").text(this.collection.length);
    },

    add: function (event) {
      event.preventDefault();
      var form = event.target, collection = this.collection;
      var name = form.elements.name.value.trim();
      if (!name) return;
      form.reset();
      collection.create({ name: name, family_id: collection.family.id }, {
        error: function (member) {
          collection.remove(member);
          form.elements.name.value = name;
          restartAnimation(form, "refused");
        }
      });
    }
  });

  function fromTemplate(id) {
    return document.getElementById(id).content.firstElementChild.cloneNode(true);
  }

  // A colour of its own for every member, the same in every window.
  function hue(id) {
    return ((id || 0) * 47) % 360;
  }

  function restartAnimation(element, name) {
    element.classList.remove(name);
    void element.offsetWidth;
    element.classList.add(name);
  }

  // Faye tries again for ever once it has been up; a page that was loaded while it was down has no client to try with.
  var wasLive = false;

  function showState() {
    var up = Backbone.Pushable.state === "up";
    wasLive = wasLive || up;
    var waiting = wasLive ? "reconnecting" : Backbone.Pushable.state;
    var shown = up ? "live" : waiting;
    $("#badge").attr("data-state", shown).text(shown);
  }

  $.ajaxSetup({ headers: { "X-CSRF-Token": $("meta[name=csrf-token]").attr("content") } });

  var families = JSON.parse($("#data").text());
  var collections = {};

  families.forEach(function (family) {
    var collection = new Members(family.members, { family: family });
    collections[family.id] = collection;
    // Live, the two collections learn of a move from the server; this is for the window that made it while Faye is down.
    collection.on("change:family_id", function (member, familyId) {
      collection.remove(member);
      collections[familyId].add(member);
    });
    $("#families").append(new FamilyView({ collection: collection, family: family, families: families }).el);
  });

  Backbone.Pushable.on("up down", showState);
  showState();
})();
