import { FieldResolver, Float, Resolver, Root } from 'type-graphql';
import { Artifact } from '../../artifacts/index.js';

/** Files that builds have left. */
@Resolver(() => Artifact)
export class ArtifactResolver {
  @FieldResolver(() => Float, { description: 'Its size.' })
  bytes(@Root() { bytes }: Artifact): number {
    return Number(bytes);
  }

  @FieldResolver(() => String, { description: 'SHA-256 of its bytes, as hex digits.' })
  sha256(@Root() { sha256 }: Artifact): string {
    return sha256.toString('hex');
  }

  @FieldResolver(() => String, { description: 'Path on this server from which it is downloaded.' })
  url(@Root() { id }: Artifact): string {
    return `/artifacts/${id}`;
  }
}
