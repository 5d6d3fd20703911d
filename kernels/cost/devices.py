"""Accelerators and what their makers promise: arithmetic, memory, links.

Provenance: the makers' datasheets, named with each device. Peaks are for dense matrices: what a
datasheet states "with sparsity" has been halved. A promise is not a measurement.

Rates are in FLOP/s and bytes/s, memory in bytes. A link's rate is one way, out of the device;
datasheets state the sum of both ways. Exponentials are the special function units' at the boost
clock: 16 a clock and multiprocessor (NVIDIA, CUDA C++ Programming Guide, throughput of native
arithmetic instructions).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

TERA, GIGA, GIBI = 1e12, 1e9, 2**30


@dataclass(frozen=True)
class Device:
    """One accelerator, announced in `year`. `peak` maps a number format to dense FLOP/s.

    "fp32" is what the ordinary units do, all else the matrix units; for "int8" read operations.
    `exponentials` is how many a second, 0 where no source says so.
    """

    name: str
    source: str
    year: int
    peak: Mapping[str, float]
    memory: float
    bandwidth: float
    link: float
    exponentials: float = 0.0

    def rate(self, number_format: str) -> float:
        """Return the peak for a number format; raise `ValueError` for one the device lacks."""
        if number_format not in self.peak:
            known = ", ".join(self.peak)
            raise ValueError(f"{self.name} has no peak for {number_format!r}, only for {known}")
        return self.peak[number_format]


V100 = Device(
    name="V100 SXM2",
    source="NVIDIA, V100 datasheet (32 GB)",
    year=2017,
    peak={"fp16": 125 * TERA, "fp32": 15.7 * TERA},
    memory=32 * GIGA,
    bandwidth=900 * GIGA,
    link=300 * GIGA / 2,
)
A100 = Device(
    name="A100 SXM 80 GB",
    source="NVIDIA, A100 datasheet (80 GB, SXM)",
    year=2020,
    peak={
        "bf16": 312 * TERA,
        "fp16": 312 * TERA,
        "tf32": 156 * TERA,
        "fp32": 19.5 * TERA,
        "int8": 624 * TERA,
    },
    memory=80 * GIGA,
    bandwidth=2039 * GIGA,
    link=600 * GIGA / 2,
    exponentials=108 * 16 * 1.41 * GIGA,
)
A100_40GB = replace(
    A100,
    name="A100 SXM 40 GB",
    source="NVIDIA, A100 datasheet (40 GB, SXM); the chip and its peaks are those of the 80 GB one",
    memory=40 * GIGA,
    bandwidth=1555 * GIGA,
)
H100 = Device(
    name="H100 SXM",
    source="NVIDIA, H100 architecture white paper and datasheet (SXM5)",
    year=2022,
    peak={
        "bf16": 989.4 * TERA,
        "fp16": 989.4 * TERA,
        "tf32": 494.7 * TERA,
        "fp32": 66.9 * TERA,
        "fp8": 1978.9 * TERA,
        "int8": 1978.9 * TERA,
    },
    memory=80 * GIGA,
    bandwidth=3.35 * TERA,
    link=900 * GIGA / 2,
    exponentials=132 * 16 * 1.83 * GIGA,
)
H200 = Device(
    name="H200 SXM",
    source="NVIDIA, H200 datasheet (SXM); the chip and its peaks are those of the H100",
    year=2023,
    peak=H100.peak,
    memory=141 * GIGA,
    bandwidth=4.8 * TERA,
    link=900 * GIGA / 2,
    exponentials=H100.exponentials,
)
B200 = Device(
    name="B200 (HGX)",
    source="NVIDIA, Blackwell datasheet (HGX B200, a single GPU)",
    year=2024,
    peak={
        "bf16": 2250 * TERA,
        "fp16": 2250 * TERA,
        "tf32": 1100 * TERA,
        "fp8": 4500 * TERA,
        "int8": 4500 * TERA,
        "fp4": 9000 * TERA,
    },
    memory=180 * GIGA,
    bandwidth=7.7 * TERA,
    link=1.8 * TERA / 2,
)
TPU_V4 = Device(
    name="TPU v4",
    source="Google Cloud, TPU v4 system architecture; links: Jouppi et al. 2023, Table 4",
    year=2021,
    peak={"bf16": 275 * TERA, "int8": 275 * TERA},
    memory=32 * GIBI,
    bandwidth=1200 * GIGA,
    link=6 * 50 * GIGA,
)
MI300X = Device(
    name="MI300X",
    source="AMD, Instinct MI300X datasheet",
    year=2023,
    peak={
        "bf16": 1307.4 * TERA,
        "fp16": 1307.4 * TERA,
        "fp32": 163.4 * TERA,
        "fp8": 2614.9 * TERA,
        "int8": 2614.9 * TERA,
    },
    memory=192 * GIGA,
    bandwidth=5.3 * TERA,
    link=7 * 128 * GIGA / 2,
)

DEVICES = {
    device.name: device for device in (V100, A100_40GB, A100, H100, H200, B200, TPU_V4, MI300X)
}
