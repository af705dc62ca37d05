/** A touch pad: a finger is pulled away from its middle. */

/** Part of the radius within which nothing is held. */
const STILL = 0.25;

/** Cosine of the angle from an axis up to which that axis counts: eight directions, as wide each. */
const COUNTS = Math.cos((3 * Math.PI) / 8);

export class Pad {
  #element;
  #knob;
  #pulled;
  #pointer = null;

  /**
   * @param pulled called with where the finger is: to the right and up, 0 to 1
   */
  constructor(element, pulled) {
    this.#element = element;
    this.#knob = element.querySelector(".knob");
    this.#pulled = pulled;
    element.addEventListener("pointerdown", (event) => this.#down(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
      element.addEventListener(type, (event) => this.#end(event));
    }
    element.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** Lets go. */
  release() {
    this.#pointer = null;
    this.#show(0, 0);
  }

  #down(event) {
    if (this.#pointer === null) {
      this.#pointer = event.pointerId;
      this.#element.setPointerCapture(event.pointerId);
      this.#move(event);
    }
  }

  #move(event) {
    if (event.pointerId !== this.#pointer) {
      return;
    }
    const place = this.#element.getBoundingClientRect();
    const right = (event.clientX - place.left) / (place.width / 2) - 1;
    const up = 1 - (event.clientY - place.top) / (place.height / 2);
    const far = Math.max(1, Math.hypot(right, up));
    this.#show(right / far, up / far);
  }

  #end(event) {
    if (event.pointerId === this.#pointer) {
      this.release();
    }
  }

  #show(right, up) {
    this.#element.classList.toggle("held", this.#pointer !== null);
    this.#knob.style.transform = `translate(${right * 100}%, ${-up * 100}%)`;
    this.#pulled(right, up);
  }
}

/**
 * The keys of a direction.
 *
 * @param keys for up, left, down and right
 */
export function keysOf(keys, right, up) {
  const far = Math.hypot(right, up);
  if (far < STILL) {
    return [];
  }
  const [upKey, leftKey, downKey, rightKey] = keys;
  const chosen = [];
  if (up / far > COUNTS) chosen.push(upKey);
  if (-up / far > COUNTS) chosen.push(downKey);
  if (-right / far > COUNTS) chosen.push(leftKey);
  if (right / far > COUNTS) chosen.push(rightKey);
  return chosen;
}
