/**
 * Looking around: by the mouse while the picture has it, and by a touch pad. Movements are sent
 * once for each picture of the screen.
 */

/** Of the model's fastest turn; 20 pixels in a frame's time turn as fast as a key does. */
const PER_PIXEL = 0.005;

export class Look {
  #stage;
  #send;
  #allowed = () => false;
  #right = 0;
  #up = 0;
  #scheduled = false;

  /**
   * @param send called with movements to the right and up
   */
  constructor(stage, send) {
    this.#stage = stage;
    this.#send = send;
    stage.addEventListener("click", (event) => this.#clicked(event));
    document.addEventListener("pointerlockchange", () => this.#lockChanged());
    document.addEventListener("mousemove", (event) => this.#moved(event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        this.end();
      }
    });
  }

  /**
   * @param allowed whether the mouse may be taken now
   */
  use(allowed) {
    this.#allowed = allowed;
  }

  /** Gives the mouse back. */
  end() {
    if (document.pointerLockElement) {
      document.exitPointerLock();
    }
  }

  /** Adds a movement. */
  move(right, up) {
    this.#right += right;
    this.#up += up;
    if (!this.#scheduled) {
      this.#scheduled = true;
      requestAnimationFrame(() => this.#flush());
    }
  }

  #clicked(event) {
    if (event.pointerType === "mouse" && !event.target.closest("button") && this.#allowed()) {
      // Some browsers refuse it so soon after Escape; another click works.
      this.#stage.requestPointerLock()?.catch(() => {});
    }
  }

  #lockChanged() {
    const locked = document.pointerLockElement === this.#stage;
    this.#stage.classList.toggle("looking", locked);
    this.#right = this.#up = 0;
  }

  #moved(event) {
    if (document.pointerLockElement === this.#stage) {
      this.move(event.movementX * PER_PIXEL, -event.movementY * PER_PIXEL);
    }
  }

  #flush() {
    this.#scheduled = false;
    if (this.#right !== 0 || this.#up !== 0) {
      this.#send(this.#right, this.#up);
      this.#right = this.#up = 0;
    }
  }
}
