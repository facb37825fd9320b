// Holds the imports of every package against the map: which package may import which, which room of the core stands on
// which, and that no files or rooms import each other in a circle.

import { circlesOf } from "./circles.mjs";

/**
 * @typedef {object} SourceFile
 * @property {string} path - from the root of the repository, with `/`
 * @property {string[]} imports - the specifiers in it; relative ones are paths from the root already
 */

/**
 * @param {SourceFile[]} files
 * @param {typeof import("./map.mjs")} map
 * @returns {{ faults: string[], arrows: number, rooms: number, upwards: number, circles: number }}
 */
export function checkRooms(files, { packages, coreFloors, exceptions }) {
  const faults = [];
  const known = new Set(files.map(({ path }) => path));
  const floorOf = new Map(coreFloors.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));
  const unused = new Set(
    Object.entries(exceptions).flatMap(([from, all]) => all.map((to) => `${from} -> ${to}`)),
  );
  const fileArrows = new Map(files.map(({ path }) => [path, []]));
  const roomArrows = new Map();
  let arrows = 0;
  let upwards = 0;

  for (const { path, imports } of files) {
    const home = packageOf(path);
    const room = roomOf(path);
    if (!roomArrows.has(room)) {
      roomArrows.set(room, new Set());
      if (home === "core" && !floorOf.has(nameOf(room))) {
        faults.push(`The room ${nameOf(room)} of the core has no floor on the map. Give it one.`);
      }
    }
    for (const target of imports) {
      if (!known.has(target)) {
        faults.push(...checkOutside(path, target, home, packages));
        continue;
      }
      if (packageOf(target) !== home) {
        faults.push(`${path} imports ${target}, a file of another package. Import the package by its name.`);
        continue;
      }
      arrows++;
      if (unused.delete(`${path} -> ${target}`)) continue;
      fileArrows.get(path).push(target);
      const there = roomOf(target);
      if (there === room) continue;
      roomArrows.get(room).add(there);
      if (home !== "core" || floorOf.get(nameOf(there)) < floorOf.get(nameOf(room))) continue;
      if (![room, there].every((one) => floorOf.has(nameOf(one)))) continue;
      upwards++;
      faults.push(
        `${path} imports ${target}: ${nameOf(there)} is not below ${nameOf(room)}. Move what both need to a lower room.`,
      );
    }
  }

  const circles = circlesOf(fileArrows);
  for (const circle of circles) {
    faults.push(
      `Files import each other in a circle: ${circle.join(" -> ")}. Move what both ends need to a file of its own.`,
    );
  }
  for (const circle of circlesOf(new Map([...roomArrows].map(([room, there]) => [room, [...there]])))) {
    faults.push(
      `Rooms import each other in a circle: ${circle.join(" -> ")}. Move what both ends need to a lower room.`,
    );
  }
  for (const arrow of unused)
    faults.push(`The exception ${arrow} is not needed any more: delete it from the map.`);
  return { faults, arrows, rooms: roomArrows.size, upwards, circles: circles.length };
}

function checkOutside(path, target, home, packages) {
  const rules = packages[home];
  if (rules === undefined) return [`${path}: the package ${home} is not on the map. Add it.`];
  if (target.startsWith("node:")) return [];
  if (target.startsWith(".") || target.includes("/src/"))
    return [`${path} imports ${target}, which is not there.`];
  const name = target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");
  const own = name.startsWith("@remote-log/") ? name.slice("@remote-log/".length) : undefined;
  if (own === undefined) {
    if (rules.libraries?.includes(name)) return [];
    return [`${path} imports ${name}: the map gives ${home} no such library.`];
  }
  if (rules.imports?.includes(own)) return [];
  return [`${path} imports ${name}: ${home} does not stand on ${own}.`];
}

/** The package of a file: `core` of `packages/core/src/…`, `servers` of `tools/servers/src/…`. */
function packageOf(path) {
  return path.split("/")[1];
}

/** The room of a file: the folder below `src`; a file that lies in `src` itself is a room of its own. */
function roomOf(path) {
  return path.split("/").slice(0, 4).join("/");
}

function nameOf(room) {
  return room.split("/")[3];
}
