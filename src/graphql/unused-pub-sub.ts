import type { PubSub } from 'type-graphql';

/**
 * type-graphql demands a bus as soon as there is a subscription. Ours each bring their own stream of rows, for which
 * hints are only wake-ups, so that nothing can be published past the rows.
 */
export const unusedPubSub: PubSub = {
  publish: refuse,
  subscribe: refuse,
};

function refuse(topic: string): never {
  throw new Error(`nothing is published to ${topic}: subscriptions read rows`);
}
