import { IsString, ValidateBy, ValidateIf } from 'class-validator';
import { A_PROJECT_KEY, A_TASK_KEY, isProjectKey, isTaskKey } from '../../domain/ids';
import { isStageName, type PipelineStage } from '../../domain/task/pipeline';
import { A_PRIORITY, isPriority } from '../../domain/task/priority';
import { A_REASON, A_TITLE, isReason, isTitle } from '../../domain/task/texts';

/** Not `IsOptional`, which lets null through as well: no default stands in for that. */
const MayBeMissing = () => ValidateIf((_body, value) => value !== undefined);

/** The domain's rule; here it only says so before anything else is asked. */
function Fits(type: 'string' | 'number', rule: (value: never) => boolean, expected: string): PropertyDecorator {
  const validate = (value: unknown) => typeof value === type && rule(value as never);
  const defaultMessage = () => `$property: expected ${expected}`;
  return ValidateBy({ name: rule.name, validator: { validate, defaultMessage } });
}

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

  @IsString()
  readonly branch!: string;

  @MayBeMissing()
  @Fits('string', isStageName, 'a stage of the pipeline')
  readonly startStage?: PipelineStage;

  @MayBeMissing()
  @Fits('number', isPriority, A_PRIORITY)
  readonly priority?: number;
}

/** Body of hold, release, retry and cancel. */
export class OperateTaskDto {
  @MayBeMissing()
  @Fits('string', isReason, A_REASON)
  readonly reason?: string;
}

export class ChangePriorityDto {
  @Fits('number', isPriority, A_PRIORITY)
  readonly priority!: number;
}
