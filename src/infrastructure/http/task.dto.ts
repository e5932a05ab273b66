import { IsString } from 'class-validator';
import { A_PROJECT_KEY, A_TASK_KEY, isProjectKey, isTaskKey } from '../../domain/ids';
import { A_DEPENDENCY_LIST, isDependencyList } from '../../domain/task/dependencies';
import { isStageName, type PipelineStage } from '../../domain/task/pipeline';
import { A_PRIORITY, isPriority } from '../../domain/task/priority';
import {
  A_DESCRIPTION,
  A_PATH_LIST,
  A_REASON,
  A_TITLE,
  isDescription,
  isPathList,
  isReason,
  isTitle,
} from '../../domain/task/texts';
import type { EvidenceFile } from '../../application/requests';
import { isObject } from '../../domain/shape';
import { Fits, MayBeMissing } from './fits';

/** Body of `POST /v1/tasks`. Unknown members are refused. */
export class SubmitTaskDto {
  @Fits('string', isProjectKey, A_PROJECT_KEY)
  readonly project!: string;

  @MayBeMissing()
  @Fits('string', isTaskKey, A_TASK_KEY)
  readonly id?: string;

  @MayBeMissing()
  @Fits('string', isTitle, A_TITLE)
  readonly title?: string;

  @MayBeMissing()
  @Fits('string', isDescription, A_DESCRIPTION)
  readonly description?: string;

  @IsString()
  readonly branch!: string;

  @MayBeMissing()
  @Fits('string', isStageName, 'a stage of the pipeline')
  readonly startStage?: PipelineStage;

  @MayBeMissing()
  @Fits('number', isPriority, A_PRIORITY)
  readonly priority?: number;

  @MayBeMissing()
  @Fits('any', (ids) => Array.isArray(ids) && isDependencyList(ids), A_DEPENDENCY_LIST)
  readonly dependsOn?: readonly string[];
}

/** Body of hold, release, retry and cancel. */
export class OperateTaskDto {
  @MayBeMissing()
  @Fits('string', isReason, A_REASON)
  readonly reason?: string;
}

export class OverrideGateDto {
  @IsString()
  readonly gate!: string;

  @Fits('string', isReason, A_REASON)
  readonly reason!: string;

  @MayBeMissing()
  @IsString()
  readonly expiresAt?: string;
}

export class WaiverDto extends OverrideGateDto {
  @MayBeMissing()
  @Fits('any', (paths) => Array.isArray(paths) && isPathList(paths), A_PATH_LIST)
  readonly paths?: readonly string[];
}

export class EvidenceDto {
  @IsString()
  readonly gate!: string;

  @IsString()
  readonly name!: string;

  @IsString()
  readonly result!: string;

  @MayBeMissing()
  @IsString()
  readonly headOid?: string;

  @MayBeMissing()
  @IsString()
  readonly url?: string;

  @MayBeMissing()
  @Fits('any', isFileList, 'a list of files, each with `name` and `text`')
  readonly files?: readonly EvidenceFile[];
}

function isFileList(files: unknown): files is readonly EvidenceFile[] {
  const isText = (value: unknown) => typeof value === 'string';
  return (
    Array.isArray(files) &&
    files.every(
      (file: unknown) =>
        isObject(file) && isText(file['name']) && isText(file['text']) && Object.keys(file).length === 2,
    )
  );
}

export class ChangePriorityDto {
  @Fits('number', isPriority, A_PRIORITY)
  readonly priority!: number;
}
