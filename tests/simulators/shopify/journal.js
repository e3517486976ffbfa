// Every mutation that was executed, in order: what a test asks to know what was done, done twice, or refused.

export class Journal {
  #clock;
  entries = [];

  constructor(clock) {
    this.#clock = clock;
  }

  // `run` returns { payload, replayed }; the payload is passed on.
  record(operation, values, context, idempotencyKey, run) {
    const entry = {
      sequence: this.entries.length + 1, at: this.#clock.timestamp(), operation, idempotency_key: idempotencyKey,
      arguments: structuredClone(values), variables: context.variables, outcome: 'refused', replayed: false, user_errors: [],
      error: null,
    };
    this.entries.push(entry);
    try {
      const { payload, replayed = false } = run();
      entry.replayed = replayed;
      entry.user_errors = payload.userErrors;
      entry.outcome = replayed ? 'replayed' : payload.userErrors.length > 0 ? 'refused' : 'applied';
      return payload;
    } catch (error) {
      entry.error = error.message;
      throw error;
    }
  }

  note(operation, details) {
    this.entries.push({ sequence: this.entries.length + 1, at: this.#clock.timestamp(), operation, outcome: 'applied', ...details });
  }
}
