// Batches: files cut into lots that one request can carry.

export const LOT = 16_000_000; // bytes of a request, below the server's MAX_UPLOAD_BYTES of 25 MB
const MOST = 50; // files of a request, so that the first are soon told of

/** Lots in their order; a file that is larger than a lot goes alone. */
export function batches(files, lot = LOT, most = MOST) {
  const lots = [];
  let size = Infinity;
  for (const file of files) {
    if (size + file.size > lot || lots.at(-1)?.length >= most) { lots.push([]); size = 0; }
    lots.at(-1).push(file);
    size += file.size;
  }
  return lots;
}
