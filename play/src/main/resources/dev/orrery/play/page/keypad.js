/** The model's keys on the screen: lit while they are held, and to be held themselves. */

/** As they lie on a keyboard; where a hand lies. */
const ROWS = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
const LEFT_COLUMNS = 5;

/** Signs for what keys do, where there is a sign for it. */
const SIGNS = [
  [/\b(up|forward|accelerate|jump)\b/, "↑"],
  [/\b(down|back|brake|slide)\b/, "↓"],
  [/\bleft\b/, "←"],
  [/\bright\b/, "→"],
];

export class Keypad {
  #left;
  #right;
  #legend;
  #held;
  #buttons = new Map();

  constructor({ left, right, legend }, held) {
    this.#left = left;
    this.#right = right;
    this.#legend = legend;
    this.#held = held;
    held.addEventListener("change", () => this.#light());
  }

  /**
   * Draws the keys of a model.
   *
   * @param keys each with key and meaning
   * @param onPads keys that touch pads are there for
   */
  async use(keys, onPads) {
    this.#buttons.clear();
    const left = [];
    const right = [];
    for (const key of keys) {
      const button = this.#button(key);
      button.classList.toggle("on-pad", onPads.includes(key.key));
      const place = placeOf(key.key);
      (place && place.column >= LEFT_COLUMNS ? right : left).push({ button, place });
    }
    this.#left.replaceChildren(...placed(left));
    this.#right.replaceChildren(...placed(right));
    this.#legend.replaceChildren(...keys.map(legendOf));
    await this.#nameByLayout();
  }

  #button({ key, meaning }) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "key";
    button.dataset.key = key;
    button.title = meaning;
    button.setAttribute("aria-label", `${key}, ${meaning}`);
    button.setAttribute("aria-pressed", "false");
    const name = document.createElement("span");
    name.className = "name";
    name.textContent = key;
    const sign = document.createElement("span");
    sign.className = "sign";
    sign.textContent = SIGNS.find(([words]) => words.test(meaning))?.[1] ?? "";
    button.append(name, sign);
    this.#buttons.set(key, button);
    this.#listen(button, key);
    return button;
  }

  #listen(button, key) {
    button.addEventListener("pointerdown", (event) => {
      if (event.button === 0) {
        button.setPointerCapture(event.pointerId);
        this.#held.press(key, `pointer ${event.pointerId}`);
      }
    });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
      button.addEventListener(type, (event) =>
        this.#held.release(key, `pointer ${event.pointerId}`),
      );
    }
    button.addEventListener("keydown", (event) => {
      if ((event.code === "Space" || event.code === "Enter") && !event.repeat) {
        event.preventDefault();
        this.#held.press(key, "button");
      }
    });
    for (const type of ["keyup", "blur"]) {
      button.addEventListener(type, () => this.#held.release(key, "button"));
    }
    button.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  #light() {
    const held = new Set(this.#held.keys);
    for (const [key, button] of this.#buttons) {
      button.setAttribute("aria-pressed", held.has(key));
    }
  }

  /** Writes on the keys what stands on the keyboard, where the browser knows it. */
  async #nameByLayout() {
    const layout = await navigator.keyboard?.getLayoutMap?.().catch(() => null);
    for (const [key, button] of this.#buttons) {
      const letter = /^[a-z]$/.test(key) ? layout?.get(`Key${key.toUpperCase()}`) : undefined;
      button.querySelector(".name").textContent = letter ?? key;
    }
  }
}

function placeOf(key) {
  const row = ROWS.findIndex((letters) => key.length === 1 && letters.includes(key));
  return row < 0 ? null : { row, column: ROWS[row].indexOf(key) };
}

/** Puts buttons where they lie on a keyboard; the others stand in a row below. */
function placed(entries) {
  const known = entries.filter(({ place }) => place);
  const firstRow = Math.min(...known.map(({ place }) => place.row));
  const firstColumn = Math.min(...known.map(({ place }) => place.column));
  const below = document.createElement("div");
  below.className = "below";
  for (const { button, place } of entries) {
    if (place) {
      button.style.gridRow = place.row - firstRow + 1;
      button.style.gridColumn = place.column - firstColumn + 1;
    } else {
      below.append(button);
    }
  }
  const buttons = known.map(({ button }) => button);
  return below.childElementCount > 0 ? [...buttons, below] : buttons;
}

function legendOf({ key, meaning }) {
  const row = document.createElement("div");
  const name = document.createElement("dt");
  const text = document.createElement("dd");
  name.textContent = key;
  text.textContent = meaning;
  row.append(name, text);
  return row;
}
