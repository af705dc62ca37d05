/** The keyboard. Keys are known by their place, so that they lie together on any layout. */

/** Names of keys that are no letters and digits. */
const NAMES = {
  Space: ["space"],
  ShiftLeft: ["shift"],
  ShiftRight: ["shift"],
  Enter: ["enter"],
  Tab: ["tab"],
  // The first of these that the model has.
  ArrowUp: ["up", "i", "w"],
  ArrowDown: ["down", "k", "s"],
  ArrowLeft: ["left", "j", "a"],
  ArrowRight: ["right", "l", "d"],
};

/** Makes pressed keys held ones. */
export class Keyboard {
  #held;
  #known = new Set();

  constructor(held) {
    this.#held = held;
    addEventListener("keydown", (event) => this.#down(event));
    addEventListener("keyup", (event) => this.#up(event));
    addEventListener("blur", () => held.releaseAll());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        held.releaseAll();
      }
    });
  }

  /** Takes the keys of a model. */
  use(keys) {
    this.#known = new Set(keys);
  }

  /** Whether the model has a key, which then is for nothing else. */
  has(key) {
    return this.#known.has(key);
  }

  #down(event) {
    if (event.metaKey || event.ctrlKey || event.altKey) {
      // Of what is pressed together with these, browsers do not always tell when it is let go.
      this.#held.releaseAll();
      return;
    }
    const key = this.#keyOf(event);
    if (key === undefined || isForElement(event)) {
      return;
    }
    event.preventDefault();
    if (!event.repeat) {
      this.#held.press(key, event.code);
    }
  }

  #up(event) {
    const key = this.#keyOf(event);
    if (key !== undefined) {
      this.#held.release(key, event.code);
    }
  }

  #keyOf(event) {
    return namesOf(event).find((name) => this.#known.has(name));
  }
}

function namesOf(event) {
  const { code } = event;
  const letter = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(code);
  if (letter) {
    return [(letter[1] ?? letter[2]).toLowerCase()];
  }
  // Keyboards on screens have no places.
  return NAMES[code] ?? (code === "" ? [event.key.toLowerCase()] : []);
}

/** Whether somebody types, or presses a button with the keyboard. */
function isForElement(event) {
  const element = event.target instanceof Element ? event.target : document.body;
  if (element.closest("input:not([type=radio]):not([type=file]), textarea, select")) {
    return true;
  }
  if (element.closest("input") && event.code.startsWith("Arrow")) {
    return true;
  }
  return (
    (event.code === "Space" || event.code === "Enter" || event.code === "Tab") &&
    element.closest("button, a, input, label") !== null
  );
}
