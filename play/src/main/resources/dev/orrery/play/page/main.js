/** The page of orrery play: brings its parts together. */

import { CameraPath } from "./camera-path.js";
import { Connection } from "./connection.js";
import { Controls } from "./controls.js";
import { Held } from "./held.js";
import { Keyboard } from "./keyboard.js";
import { Keypad } from "./keypad.js";
import { Look } from "./look.js";
import { Messages } from "./messages.js";
import { Numbers } from "./numbers.js";
import { Pad, keysOf } from "./pad.js";
import { Stage } from "./stage.js";
import { Thumbnails } from "./thumbnails.js";

const WALK = ["w", "a", "s", "d"];
const LOOK = ["i", "j", "k", "l"];

/** Of the model's fastest turn, with the pad pulled to its edge. */
const PAD_TURN = 0.2;

const element = (id) => document.getElementById(id);

const connection = new Connection();
const messages = new Messages(element("errors"), element("notices"));
const numbers = new Numbers(document);
const held = new Held();
const keyboard = new Keyboard(held);
const keypad = new Keypad(
  { left: element("keys-left"), right: element("keys-right"), legend: element("legend") },
  held,
);
const stage = new Stage(element("stage"), element("canvas"));
const look = new Look(element("stage"), sendLook);
const controls = new Controls({ connection, messages, keyboard });
const thumbnails = new Thumbnails(element("strip"), element("thumbnails"), (block, picture) => {
  if (controls.back(block)) {
    stage.showStill(picture);
  }
});
const path = new CameraPath(element("above"), element("path"));

let model = null;
let number = 0;
let state = null;
let preparing = null;
let told = [];

const steers = () => state !== null && state.steers === number;

// What is held and moved.

function sendKeys() {
  const time = performance.now();
  if (connection.send("keys", { held: held.keys, time })) {
    told = held.keys;
    numbers.sent(time);
  }
}

function sendLook(right, up) {
  const time = performance.now();
  if (steers() && connection.send("look", { right, up, time })) {
    numbers.sent(time);
  }
}

held.addEventListener("change", () => {
  if (steers()) {
    sendKeys();
  }
});

const walkPad = new Pad(element("pad-walk"), (right, up) =>
  held.set(keysOf(WALK, right, up), "walking pad"),
);

const pulled = { right: 0, up: 0, since: 0 };
const lookPad = new Pad(element("pad-look"), (right, up) => {
  if (!model?.mouse) {
    held.set(keysOf(LOOK, right, up), "looking pad");
    return;
  }
  const rested = pulled.right === 0 && pulled.up === 0;
  Object.assign(pulled, { right, up });
  if (rested && (right !== 0 || up !== 0)) {
    pulled.since = performance.now();
    requestAnimationFrame(turn);
  }
});

/** Turns for as long as the pad is pulled. */
function turn(now) {
  const frames = (Math.max(0, now - pulled.since) * model.framesPerSecond) / 1000;
  pulled.since = now;
  look.move(PAD_TURN * pulled.right * frames, PAD_TURN * pulled.up * frames);
  if (pulled.right !== 0 || pulled.up !== 0) {
    requestAnimationFrame(turn);
  }
}

function letGo() {
  walkPad.release();
  lookPad.release();
  held.releaseAll();
  look.end();
}

addEventListener("blur", letGo);

// What the server says.

const on = (type, does) => connection.addEventListener(type, ({ detail }) => does(detail));

on("open", (welcome) => {
  document.body.dataset.connection = "open";
  number = welcome.number;
  if (JSON.stringify(model) !== JSON.stringify(welcome.model)) {
    takeModel(welcome.model);
  }
  numbers.backend(welcome.backend);
  controls.welcome(welcome);
  told = [];
  state = null;
  showWaiting();
});

function takeModel(taken) {
  model = taken;
  const keys = model.keys.map(({ key }) => key);
  const walks = WALK.every((key) => keys.includes(key));
  const looks = model.mouse || LOOK.every((key) => keys.includes(key));
  element("model").textContent = model.description;
  element("pad-walk").hidden = !walks;
  element("pad-look").hidden = !looks;
  element("mouse-hint").hidden = !model.mouse;
  stage.resize(model.width, model.height);
  keyboard.use(keys);
  // Who lets the pads go does nothing.
  const rests = model.keys.filter(({ meaning }) => meaning === "nothing").map(({ key }) => key);
  keypad.use(model.keys, [...(walks ? [...WALK, ...rests] : []), ...(looks ? LOOK : [])]);
  look.use(() => model.mouse && steers());
  path.use(model.camera);
}

on("state", (now) => {
  const steered = steers();
  if (state === null && now.viewers === 1 && now.steers !== number) {
    // Nobody is there to be asked.
    connection.send("ask");
  }
  state = now;
  if (steers() && String(held.keys) !== String(steered ? told : "")) {
    sendKeys();
  } else if (steered && !steers()) {
    look.end();
  }
  document.body.dataset.steers = steers();
  stage.startsAt(now.start);
  thumbnails.keep(now);
  path.keep(now);
  controls.update(now, steers());
  showSeats();
  if (now.ready) {
    preparing = null;
  }
  showWaiting();
});

on("preparing", (stageOfIt) => {
  preparing = stageOfIt;
  showWaiting();
});

on("frame", (frame) => stage.add(frame));
on("block", async (block) => {
  const picture = await thumbnails.add(block);
  if (picture && !stage.hasShown) {
    // Who comes to a world that is paused sees where it is.
    stage.showStill(picture);
  }
});
on("path", (poses) => path.add(poses));
on("status", (status) => numbers.status(status));
on("error", ({ reason }) => messages.error(reason));

on("ended", ({ reason }) => messages.error(`The world has ended: ${reason}`));

on("end", (why) => {
  document.body.dataset.connection = why;
  showWaiting();
});

connection.addEventListener("lost", () => {
  document.body.dataset.connection = "lost";
  state = null;
  preparing = null;
  letGo();
  controls.lost();
  showSeats();
  showWaiting();
});

stage.addEventListener("shown", ({ detail }) => numbers.shown(detail));
stage.addEventListener("broken", () => messages.error("A picture of the world was broken."));

// What the page says.

function showSeats() {
  const seats = element("seats");
  const ask = element("ask");
  seats.hidden = state === null || (steers() && state.viewers < 2);
  ask.hidden = state === null || steers();
  if (state !== null) {
    const who = steers() ? "You steer" : state.steers ? `Viewer ${state.steers} steers` : "Nobody steers";
    seats.textContent = `${who} · ${state.viewers} watching`;
    ask.textContent = state.steers ? "Ask for the keys" : "Take the keys";
  }
}

element("ask").addEventListener("click", () => {
  connection.send("ask");
  if (state.steers) {
    messages.notice(`Viewer ${state.steers} is asked for the keys.`);
  }
});

function showWaiting() {
  const text = waitingFor();
  const progress = element("waiting-progress");
  element("waiting").hidden = text === "";
  if (text !== element("waiting-text").textContent) {
    element("waiting-text").textContent = text;
  }
  progress.hidden = !preparing;
  if (preparing) {
    progress.max = preparing.total;
    progress.value = preparing.done;
  }
}

/** What is not there yet, in words; empty if the world plays. */
function waitingFor() {
  switch (document.body.dataset.connection) {
    case "connecting":
      return "Connecting …";
    case "lost":
      return "The connection is lost. Trying again …";
    case "over":
      return "Load the page again for another world.";
    case "replaced":
      return "You watch in another window. Load the page again to watch in this one, too.";
  }
  if (!state?.ready || preparing) {
    return preparing ? `Getting ready: ${preparing.stage}` : "Getting ready …";
  }
  return "";
}

connection.open();
