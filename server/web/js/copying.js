// Copying: words into the clipboard, which only a page of https or of this machine may write to.
import { toast } from "./toast.js";

/** `what` names them: "Story copied". */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    toast("The browser lets nothing be copied here. Mark the text, and copy it by hand.");
  }
}
