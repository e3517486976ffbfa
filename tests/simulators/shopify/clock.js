// The one clock of the simulator. Real until a test sets it; from then on it moves only when told to, so that no test waits for time.

export class Clock {
  #frozenAt = null;
  #offset = 0;
  #waiting = new Set();

  now() {
    return this.#frozenAt ?? Date.now() + this.#offset;
  }

  // Shopify's timestamps end with the second: a cursor over `updated_at` meets ties, and so must the one that is tested here.
  timestamp() {
    return new Date(this.now()).toISOString().replace(/\.\d{3}Z$/, 'Z');
  }

  isFrozen() {
    return this.#frozenAt !== null;
  }

  freezeAt(milliseconds) {
    this.#frozenAt = milliseconds;
    this.#wake();
  }

  advance(milliseconds) {
    if (this.#frozenAt === null) {
      this.#offset += milliseconds;
    } else {
      this.#frozenAt += milliseconds;
    }
    this.#wake();
  }

  runReal() {
    this.#frozenAt = null;
    this.#offset = 0;
    this.#wake();
  }

  // Resolves once the clock has moved by `milliseconds`: by a timer while it is real, by freezeAt or advance while it is frozen.
  after(milliseconds) {
    return new Promise((resolve) => {
      const waiter = { at: this.now() + milliseconds, resolve, timer: null };
      this.#waiting.add(waiter);
      this.#wake();
    });
  }

  #wake() {
    for (const waiter of this.#waiting) {
      clearTimeout(waiter.timer);
      const left = waiter.at - this.now();
      if (left <= 0) {
        this.#waiting.delete(waiter);
        waiter.resolve();
      } else if (!this.isFrozen()) {
        waiter.timer = setTimeout(() => this.#wake(), left);
        waiter.timer.unref();
      }
    }
  }
}
