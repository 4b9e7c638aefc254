import type { Definitions, Instance, Operation } from './model.ts';
import { objectId } from './object-id.ts';
import { OBJECT_OF_TASK, privilegeOf, type TaskNeed } from './privilege.ts';
import { objectsOf, operationsOn } from './selection.ts';

/** What the tasks of the operations that run on an instance in any environment need there. */
export function needsOn(definitions: Definitions, instance: Instance): TaskNeed[] {
  return operationsOn(definitions, instance).flatMap((operation) =>
    operation.tasks
      .filter(({ enabled }) => enabled)
      .flatMap((task) =>
        (task.needs[instance.engine] ?? [])
          .flatMap((text) => withObjects(text, operation, instance))
          .map((text) => ({
            operation: operation.name,
            task: task.name,
            privilege: privilegeOf(text),
          })),
      ),
  );
}

function withObjects(text: string, operation: Operation, instance: Instance): string[] {
  if (!text.endsWith(OBJECT_OF_TASK)) return [text];
  return objectsOf(operation, instance.name).map((object) =>
    text.replace(OBJECT_OF_TASK, objectId(object)),
  );
}
