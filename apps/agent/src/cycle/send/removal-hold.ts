import {
  OPEN_GATE,
  passRemoval,
  refuseRemoval,
  type Removal,
  type RemovalGate,
  type RemovalMoment,
  type RemovalVerdict,
} from '@causeway/engine'
import { DEFAULT_DELETE_BRAKE, type DeleteBrake } from '@causeway/protocol'
import type { RelativePath } from '@causeway/replica'

/** What holds deletes back until they are known whole, or a person has looked. */
export class RemovalHold {
  #gate: RemovalGate = OPEN_GATE
  #brake = DEFAULT_DELETE_BRAKE

  /** The folder's brake, as the coordinator last said. */
  get brake(): DeleteBrake {
    return this.#brake
  }

  /** True if that changes anything. */
  setBrake(brake: DeleteBrake): boolean {
    const { share, min } = this.#brake
    this.#brake = brake
    return share !== brake.share || min !== brake.min
  }

  /** Where what is held back was: to be looked at again. */
  get held(): readonly RelativePath[] {
    return this.#gate.held
  }

  /** Why the coordinator held back what was let through; `null` where it did not. */
  get refusal(): string | null {
    return this.#gate.refusal
  }

  /** Nothing is gone, so nothing waits. */
  open(): void {
    this.#gate = OPEN_GATE
  }

  /** A person has decided: nothing waits here. What the coordinator held back it may hold back again. */
  decided(): void {
    this.#gate = { ...OPEN_GATE, refusal: this.#gate.refusal }
  }

  pass(removal: Removal, moment: Omit<RemovalMoment, 'brake'>): RemovalVerdict {
    const [gate, verdict] = passRemoval(this.#gate, removal, { ...moment, brake: this.#brake })
    this.#gate = gate
    return verdict
  }

  accepted(): void {
    this.#gate = { ...this.#gate, refusal: null }
  }

  refused(directories: readonly RelativePath[], reason: string): void {
    this.#gate = refuseRemoval(this.#gate, directories, reason)
  }
}
