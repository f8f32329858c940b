// Lines of equal height on a grid z[row][column], by marching squares: pairs of points in units of the grid.
function contour(z, level) {
  const paths = [];
  for (let j = 0; j + 1 < z.length; j++) {
    for (let i = 0; i + 1 < z[0].length; i++) {
      const corner = [z[j][i], z[j][i + 1], z[j + 1][i + 1], z[j + 1][i]];
      if (!corner.every(Number.isFinite)) continue;
      const crossings = [];
      for (let k = 0; k < 4; k++) {
        const from = corner[k], to = corner[(k + 1) % 4];
        if (from > level === to > level) continue;
        const t = (level - from) / (to - from);
        crossings.push([[i + t, j], [i + 1, j + t], [i + 1 - t, j + 1], [i, j + 1 - t]][k]);
      }
      for (let k = 0; k + 1 < crossings.length; k += 2) paths.push([crossings[k], crossings[k + 1]]);
    }
  }
  return paths;
}
// The part of a polygon where c0 + c1 x + c2 y > 0.
function clip(polygon, c0, c1, c2) {
  const side = ([x, y]) => c0 + c1 * x + c2 * y, out = [];
  polygon.forEach((here, k) => {
    const next = polygon[(k + 1) % polygon.length], s = side(here), t = side(next);
    if (s > 0) out.push(here);
    if (s > 0 !== t > 0) {
      const f = s / (s - t);
      out.push([here[0] + f * (next[0] - here[0]), here[1] + f * (next[1] - here[1])]);
    }
  });
  return out;
}
// The part of a segment where every c0 + c1 x + c2 y > 0, or null.
function within(segment, sides) {
  let [low, high] = [0, 1];
  const [p, q] = segment, at = (t) => [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])];
  for (const [c0, c1, c2] of sides) {
    const s = c0 + c1 * p[0] + c2 * p[1], change = c1 * (q[0] - p[0]) + c2 * (q[1] - p[1]);
    if (change === 0 && s <= 0) return null;
    if (change > 0) low = Math.max(low, -s / change);
    if (change < 0) high = Math.min(high, -s / change);
  }
  return low < high ? [at(low), at(high)] : null;
}
function areaAndCentre(polygon) {
  let area = 0, x = 0, y = 0;
  polygon.forEach(([x0, y0], k) => {
    const [x1, y1] = polygon[(k + 1) % polygon.length], cross = x0 * y1 - x1 * y0;
    area += cross / 2;
    x += ((x0 + x1) * cross) / 6;
    y += ((y0 + y1) * cross) / 6;
  });
  return { area: Math.abs(area), centre: [x / area, y / area] };
}
