import type { PositionText } from '../position';
import type { ReadModels } from '../read-models';
import type { LaneRow } from './lane.projector';
import { LANE, LANES } from './lanes.projection';

export interface LanesView {
  readonly position: PositionText;
  readonly items: readonly LaneRow[];
}

export async function listLanes(models: ReadModels, { project }: { project?: string } = {}): Promise<LanesView> {
  return models.read(LANES, async ({ rows, position }) => {
    let lanes = rows<LaneRow & { key: string }>(LANE.name).selectAll();
    if (project !== undefined) lanes = lanes.where('key', '=', project);
    const items = (await lanes.orderBy('key').execute()).map((cells) => LANE.decode({ ...cells }));
    return { position, items };
  });
}
