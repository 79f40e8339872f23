import { createChange } from '../../src/cli/operations.js';
import { deferred } from '../../src/base/deferred.js';
import type { Installation } from '../installation.js';
import { machineMs } from '../machine-clock.js';
import type { Life } from '../fleet/messages.js';
import { spreadOf, type Spread } from '../spread.js';

/** The whole way, one at a time: mutation, git, pipeline file, compile, plan, admission, claim, push. */
export async function measureWholeWay(
  { client, fleet, repo }: Installation,
  changes: number,
): Promise<Spread> {
  const spans: number[] = [];
  for (let count = 0; count < changes; count += 1) {
    const lived = deferred<Life>();
    fleet.onLives(([life]) => life && lived.resolve(life));
    const askedMs = machineMs();
    await client.request(createChange, { input: { repo: repo.name, event: 'push', branch: 'main' } });
    spans.push((await lived.promise).openedMs - askedMs);
  }
  return spreadOf(spans);
}
