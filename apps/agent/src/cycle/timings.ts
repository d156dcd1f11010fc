/**
 * How long a cycle lets things be before it, or the next one, looks again.
 * What waits for deletes is in the engine, with the gate that decides on them;
 * how often a folder is looked at without a reason is the runner's.
 */
export const TIMINGS = {
  /** A change younger than this may be followed by another with the same time stamp. */
  clockGrainMs: 12,
  /** What was just read and may have changed within that grain is read once more. */
  racyMs: 60,
  /** A file that changed, or went, while it was read. */
  unstableMs: 20,
  /** A small file that became a large one while it was read. */
  growingMs: 50,
  /** A file just emptied is about to be written, as a rule. */
  truncatedMs: 60,
  /** A large file is read once it has not changed for so long. */
  settleMs: 250,
  /** No event tells that a program has closed a file: it is asked again. */
  writerMs: 40,
  /** A large file that changed again this soon may go on changing, though it is closed each time. */
  oftenMs: 500,
  /** What was created in a directory that could not be sent yet. */
  parentMs: 100,
  /** A file that the disk refuses to give, and a change that the coordinator refused. */
  refusedMs: 1000,
  /** A name that the coordinator can't take stays so until somebody renames it. */
  unplaceableMs: 60_000,
  /** A refused operation is tried again after the first of these, then after twice as long, and so on up to the last. */
  firstRetryMs: 60_000,
  longestRetryMs: 60 * 60_000,
  /** What the coordinator has no room for is tried again after the first of these, and ever less often up to the last. */
  firstRoomMs: 2_000,
  longestRoomMs: 60_000,
  /** What is not on the disk as the base says: most often a person has just changed it. */
  displacedMs: 30,
  /** A file that another program has open: soon at first, then ever less often. */
  firstInUseMs: 50,
  longestInUseMs: 5_000,
  /** Most programs have closed a file long before: nobody needs to hear of those. */
  inUseUntoldMs: 3_000,
} as const
