import type { CompiledPipeline } from '../../pipeline/index.js';

/** What a build's log should say where its driver has no images: which step asked for one in vain. */
export function describeImages(driver: string, { steps }: CompiledPipeline): string[] {
  return steps
    .filter(({ image }) => image !== undefined)
    .map(({ name, image }) => `${driver} driver: image ${image} of step ${name} is ignored`);
}
