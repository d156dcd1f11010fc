import type { Log } from './operational-log.ts'

/** What is said within a process, by topic. */
export interface Topics<Messages> {
  publish<Topic extends keyof Messages>(topic: Topic, message: Messages[Topic]): void
  /** Returns the way to stop listening. */
  subscribe<Topic extends keyof Messages>(topic: Topic, listener: (message: Messages[Topic]) => void): () => void
}

/** Those who listen to each topic. */
export type Listeners<Messages> = {
  readonly [Topic in keyof Messages]: Set<(message: Messages[Topic]) => void>
}

/** Hands messages on at once and in order. A listener that throws hurts nobody else. */
export function createTopics<Messages>(listeners: Listeners<Messages>, log: Log): Topics<Messages> {
  return {
    publish(topic, message) {
      for (const listener of listeners[topic]) {
        try {
          listener(message)
        } catch (error) {
          log.error({ err: error, topic }, 'a listener failed')
        }
      }
    },
    subscribe(topic, listener) {
      listeners[topic].add(listener)
      return () => void listeners[topic].delete(listener)
    },
  }
}
