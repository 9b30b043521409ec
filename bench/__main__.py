"""Everything that `make bench` measures."""

from bench import quality, speed

quality.main()
speed.main()
