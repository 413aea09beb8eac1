/** The steps of a drawing, for undo. Bounded: the oldest step is forgotten. */
export class History<T> {
  readonly #steps: T[] = []
  readonly #most: number

  constructor(most = 100) {
    this.#most = most
  }

  get canUndo(): boolean {
    return this.#steps.length > 0
  }

  /** Remembers what is about to be changed. */
  keep(before: T): void {
    this.#steps.push(before)
    if (this.#steps.length > this.#most) this.#steps.shift()
  }

  /** What was before the latest step, or undefined. */
  undo(): T | undefined {
    return this.#steps.pop()
  }

  clear(): void {
    this.#steps.length = 0
  }
}
