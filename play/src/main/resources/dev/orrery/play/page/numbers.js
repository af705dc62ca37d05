/** How fast the world is, and what it takes. */

import { bytes } from "./messages.js";

/** Inputs whose first picture is waited for. */
const MOST_SENT = 64;

export class Numbers {
  #fields = {};
  #pace;
  #reason;
  /** Times of inputs that were sent and not seen in a picture yet. */
  #sent = [];
  #latency = 0;

  constructor(root) {
    for (const field of root.querySelectorAll("[id^=n-]")) {
      this.#fields[field.id.slice(2)] = field;
    }
    this.#pace = root.getElementById("pace");
    this.#reason = root.getElementById("n-reason");
  }

  /** Says where the world runs. */
  backend({ name, reason }) {
    this.#fields.backend.textContent = name;
    this.#reason.textContent = reason;
    this.#reason.hidden = reason === "";
  }

  /** Something was sent at this time. */
  sent(time) {
    this.#sent.push(time);
    if (this.#sent.length > MOST_SENT) {
      this.#sent.shift();
    }
  }

  /** A picture is seen. */
  shown({ time }) {
    if (this.#sent.includes(time)) {
      this.#latency = performance.now() - time;
      this.#sent = this.#sent.filter((it) => it > time);
    }
  }

  /** What the server says once a second. */
  status(status) {
    const fields = this.#fields;
    const fps = status.framesPerSecond.toFixed(1);
    fields.fps.textContent = fps;
    fields.latency.textContent = millis(this.#latency);
    fields.program.textContent = millis(status.keyToFrame);
    fields.passes.textContent = millis(status.passes);
    fields.completing.textContent = millis(status.completing);
    fields.decoding.textContent = millis(status.decoding);
    fields.memory.textContent = bytes(status.memory);
    fields.plan.textContent = bytes(status.plan);
    fields.dropped.textContent = status.dropped;
    this.#pace.hidden = false;
    this.#pace.textContent =
      this.#latency > 0 ? `${fps} fps · ${millis(this.#latency)}` : `${fps} fps`;
  }
}

function millis(value) {
  return value > 0 ? `${Math.round(value)} ms` : "–";
}
