import { BUILT_INS } from './built-ins.ts';
import { type Declarations, type Routine, readDeclarations } from './declarations.ts';
import { Reader } from './reader.ts';
import type { Expression, Scope, Step } from './scope.ts';
import {
  Collection,
  elementAt,
  fitted,
  initial,
  PlsqlRecord,
  type Type,
  type Value,
} from './values.ts';

/** Stands in for a routine of the source, or for a function of the server. */
export type StandIn = (...args: Value[]) => Value;

interface Variable {
  readonly type: Type;
  value: Value;
}

/**
 * A model of PL/SQL, as much as the framework's rules need: their own source is run, so a test of it says
 * what these rules decide. It is no Oracle: whether that compiles the source is not said.
 */
export class PlsqlPackage {
  private readonly declarations: Declarations;
  private readonly standIns = new Map<string, StandIn>();
  private readonly others = new Map<string, PlsqlPackage>();
  private readonly globals: Frame;

  constructor(...sources: readonly string[]) {
    this.declarations = readDeclarations(sources.map((source) => new Reader(source)));
    this.globals = new Frame(this);
    for (const { name, type, value } of this.declarations.variables)
      this.globals.declare(name, type, value?.evaluate(this.globals));
  }

  /** Makes another package known by its name. */
  knows(name: string, other: PlsqlPackage): this {
    this.others.set(name, other);
    return this;
  }

  /** Puts something in the place of a routine, or of a function that the server has. */
  replace(name: string, standIn: StandIn): this {
    this.standIns.set(name, standIn);
    return this;
  }

  /** Calls a routine with values. */
  call(name: string, ...values: readonly Value[]): Value {
    const list = values.map((value): Expression => ({ evaluate: () => value }));
    return this.invoke(name, list, this.globals);
  }

  has(name: string): boolean {
    return this.standIns.has(name) || this.declarations.routines.has(name);
  }

  other(name: string): PlsqlPackage | undefined {
    return this.others.get(name);
  }

  global(name: string): Variable | undefined {
    return this.globals.own(name);
  }

  typeNamed(name: string): Type | undefined {
    return this.declarations.types.get(name);
  }

  /** A function of the server, which a test may have replaced. */
  builtIn(name: string, values: readonly Value[]): Value {
    const found = this.standIns.get(name) ?? BUILT_INS[name];
    if (found === undefined) throw new Error(`the model has no ${name}`);
    return found(...values);
  }

  invoke(name: string, list: readonly Expression[], caller: Scope): Value {
    const standIn = this.standIns.get(name);
    if (standIn !== undefined) return standIn(...list.map((one) => one.evaluate(caller)));
    const routine = this.declarations.routines.get(name);
    if (routine === undefined) throw new Error(`there is no ${name}`);
    return this.run(routine, list, caller);
  }

  private run(routine: Routine, list: readonly Expression[], caller: Scope): Value {
    const { parameters } = routine;
    const { variables, body } = routine.block();
    const frame = new Frame(this);
    parameters.forEach(({ name, mode, otherwise }, at) => {
      const given = list[at] ?? otherwise;
      if (given === undefined || given === null) throw new Error(`${routine.name}: no ${name}`);
      const value = mode === 'out' ? null : given.evaluate(list[at] === undefined ? frame : caller);
      frame.declare(name, { kind: 'scalar', length: null }, value);
    });
    for (const { name, type, value } of variables)
      frame.declare(name, this.resolved(type), value?.evaluate(frame));
    const result = body(frame)?.result ?? null;
    parameters.forEach(({ name, mode }, at) => {
      if (mode !== 'in') list[at]?.place?.set(caller, frame.own(name)?.value ?? null);
    });
    return result;
  }

  private resolved(type: Type | string): Type {
    if (typeof type !== 'string') return type;
    const [name = '', inOther] = type.split('.');
    const found =
      inOther === undefined ? this.typeNamed(name) : this.other(name)?.typeNamed(inOther);
    return found ?? { kind: 'scalar', length: null };
  }
}

/** The variables of one call. */
class Frame implements Scope {
  private readonly home: PlsqlPackage;
  private readonly variables = new Map<string, Variable>();

  constructor(home: PlsqlPackage) {
    this.home = home;
  }

  declare(name: string, type: Type, value?: Value): void {
    const isGiven = value !== undefined && value !== null;
    this.variables.set(name, { type, value: isGiven ? fitted(value, type, name) : initial(type) });
  }

  own(name: string): Variable | undefined {
    return this.variables.get(name);
  }

  builtIn(name: string, values: readonly Value[]): Value {
    return this.home.builtIn(name, values);
  }

  valueAt(steps: readonly Step[]): Value {
    const [head, ...rest] = steps;
    if (head === undefined || !('name' in head)) throw new Error('a path begins with a name');
    const variable = this.own(head.name) ?? this.home.global(head.name);
    if (variable !== undefined) return this.partOf(variable.value, rest);
    return this.called(head.name, rest);
  }

  /** A routine of ours, something of another package, or a function of the server. */
  private called(name: string, rest: readonly Step[]): Value {
    const [next, ...behind] = rest;
    if (this.home.has(name)) {
      const list = next !== undefined && 'list' in next ? next.list : [];
      const after = next !== undefined && 'list' in next ? behind : rest;
      return this.partOf(this.home.invoke(name, list, this), after);
    }
    const isMember = next !== undefined && 'name' in next;
    const other = this.home.other(name);
    if (other !== undefined && isMember) {
      const constant = other.global(next.name);
      return constant === undefined
        ? other.invoke(next.name, listIn(behind), this)
        : this.partOf(constant.value, behind);
    }
    const full = isMember ? `${name}.${next.name}` : name;
    const values = listIn(isMember ? behind : rest).map((one) => one.evaluate(this));
    return this.builtIn(full, values);
  }

  private partOf(value: Value, steps: readonly Step[]): Value {
    const [step, ...rest] = steps;
    if (step === undefined) return value;
    if (value instanceof PlsqlRecord && 'name' in step)
      return this.partOf(value.get(step.name), rest);
    if (!(value instanceof Collection)) throw new Error('only records and collections have parts');
    if ('list' in step) return this.partOf(elementAt(value, this.index(step.list)), rest);
    if (step.name === 'count') return value.elements.size;
    if (step.name === 'exists') return value.elements.has(this.index(listIn(rest)));
    throw new Error(`a collection has no ${step.name}`);
  }

  private index(list: readonly Expression[]): Value {
    return list[0]?.evaluate(this) ?? null;
  }

  assign(steps: readonly Step[], value: Value): void {
    const [head, part, ...rest] = steps;
    if (head === undefined || !('name' in head) || rest.length > 0)
      throw new Error('the model assigns to variables, their fields and elements');
    const variable = this.own(head.name) ?? this.home.global(head.name);
    if (variable === undefined) throw new Error(`there is no variable ${head.name}`);
    const { value: whole, type } = variable;
    if (part === undefined) variable.value = fitted(value, type, head.name);
    else if (whole instanceof PlsqlRecord && 'name' in part) whole.set(part.name, value);
    else if (whole instanceof Collection && 'list' in part)
      whole.elements.set(this.index(part.list), fitted(value, whole.element, head.name));
    else throw new Error(`${head.name} has no such part`);
  }
}

function listIn([step]: readonly Step[]): readonly Expression[] {
  return step !== undefined && 'list' in step ? step.list : [];
}
