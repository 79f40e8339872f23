import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A file that a build has left. Without `storedAt` it is an upload that was announced and has not come. */
@Entity({ name: 'artifacts' })
@ObjectType({ description: 'A file that a build has left.', simpleResolvers: true })
export class Artifact {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID, { description: 'Opaque id.' })
  readonly id: string;

  @Column({ name: 'build_id', type: 'uuid' })
  readonly buildId: string;

  @Column({ type: 'integer' })
  @Field(() => Int, { description: 'Number of the step that left it.' })
  readonly step: number;

  @Column({ type: 'text' })
  @Field(() => String, { description: 'Where it was, below the checkout.' })
  readonly path: string;

  /** PostgreSQL's bigint comes as text. */
  @Column({ type: 'bigint' })
  readonly bytes: string;

  @Column({ type: 'bytea' })
  readonly sha256: Buffer;

  @Column({ name: 'stored_at', type: 'timestamptz', nullable: true })
  readonly storedAt: Date | null;
}
