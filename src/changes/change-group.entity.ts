import { Entity, PrimaryColumn } from 'typeorm';

/** Which groups came of which changes; a coalesced group has several changes. */
@Entity({ name: 'change_groups' })
export class ChangeGroup {
  @PrimaryColumn({ name: 'change_id', type: 'uuid' })
  readonly changeId: string;

  @PrimaryColumn({ name: 'group_id', type: 'uuid' })
  readonly groupId: string;
}
