// Memory kept aside for the moment when there is none left.
#pragma once

namespace tunnel {

// From the first call on, `new` that finds no memory takes a piece of the reserve and tries again:
// what is under way is finished, the log is written, and the next step can be to take on no more.
// Where the reserve is used up too, it throws std::bad_alloc. Pieces are never touched, so they
// cost address space and no memory.
//
// Fills the reserve, and says whether it is full. For all threads; throws nothing.
bool fill_memory_reserve() noexcept;

}  // namespace tunnel
