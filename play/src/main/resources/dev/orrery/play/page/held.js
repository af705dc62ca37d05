/**
 * What is held, by any number of hands: the keyboard, keys on the screen, touch pads. Tells when it
 * changes, and only then.
 */
export class Held extends EventTarget {
  /** For each key who holds it; the newest last. */
  #holders = new Map();

  /** The keys, the newest last. */
  get keys() {
    return [...this.#holders.keys()];
  }

  /** A hand holds a key. */
  press(key, hand) {
    const hands = this.#holders.get(key);
    if (hands) {
      hands.add(hand);
    } else {
      this.#holders.set(key, new Set([hand]));
      this.#changed();
    }
  }

  /** A hand lets a key go. */
  release(key, hand) {
    const hands = this.#holders.get(key);
    if (hands?.delete(hand) && hands.size === 0) {
      this.#holders.delete(key);
      this.#changed();
    }
  }

  /** A hand holds these keys, and no others. */
  set(keys, hand) {
    let changed = false;
    for (const [key, hands] of this.#holders) {
      if (!keys.includes(key) && hands.delete(hand) && hands.size === 0) {
        this.#holders.delete(key);
        changed = true;
      }
    }
    for (const key of keys) {
      const hands = this.#holders.get(key);
      if (hands) {
        hands.add(hand);
      } else {
        this.#holders.set(key, new Set([hand]));
        changed = true;
      }
    }
    if (changed) {
      this.#changed();
    }
  }

  /** All hands let everything go. */
  releaseAll() {
    if (this.#holders.size > 0) {
      this.#holders.clear();
      this.#changed();
    }
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }
}
