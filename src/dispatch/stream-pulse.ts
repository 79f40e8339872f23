import type { FrameEvent } from '../protocol/messages.js';

/** So many beats that the agent has not handled mean that the stream is dead, however alive its socket looks. */
const UNREFLECTED_BEATS = 2;

/**
 * Whether the stream that carries the work is alive: each heartbeat is reflected as a beat through the stream, and the
 * next heartbeats say whether the agent has handled its frame.
 */
export class StreamPulse {
  #beats: { readonly heartbeat: number; frameSeq: number | null }[] = [];

  /** Notes that a heartbeat is about to be reflected; false when too many reflections before it were not handled. */
  beat(heartbeat: number, lastFrameSeq: number): boolean {
    this.#beats = this.#beats.filter(({ frameSeq }) => frameSeq === null || frameSeq > lastFrameSeq);
    if (this.#beats.length >= UNREFLECTED_BEATS) return false;
    this.#beats.push({ heartbeat, frameSeq: null });
    return true;
  }

  /** Notes in which frame beats went out. */
  sent(frameSeq: number, events: readonly FrameEvent[]): void {
    for (const event of events) {
      if (event.__typename !== 'Beat') continue;
      const beat = this.#beats.find(({ heartbeat }) => heartbeat === event.heartbeat);
      if (beat !== undefined) beat.frameSeq = frameSeq;
    }
  }
}
