"""A small patient whose name, birth date and identifiers cannot be mistaken for anything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from dicom_factory import image, ramp, save
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

NAME, GIVEN = "Quastenflosser", "Waldtraut"
BIRTH_DATE = "19431217"
PATIENT_ID = "KH-7719304"
ACCESSION = "ACC5529817"
OTHER_ID = "OLD-118822"
INSTITUTION = "Klinik am Feldberg"
STUDY_UID = "1.3.6.1.4.1.99999.7.7.1"
#: What no output may hold.
SECRETS = (NAME, GIVEN, BIRTH_DATE, PATIENT_ID, ACCESSION, OTHER_ID, INSTITUTION)


def item(**values) -> Dataset:
    ds = Dataset()
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def patient_slice(pixels, *, position, **elements) -> Dataset:
    """One CT slice with everything that a careless archive leaves in a header."""
    given = {
        "PatientName": f"{NAME}^{GIVEN}",
        "PatientID": PATIENT_ID,
        "PatientBirthDate": BIRTH_DATE,
        "PatientSex": "F",
        "PatientAge": "071Y",
        "AccessionNumber": ACCESSION,
        "InstitutionName": INSTITUTION,
        "ReferringPhysicianName": f"Dr^{GIVEN}",
        "StudyID": "998877",
        "StudyInstanceUID": STUDY_UID,
        "SeriesInstanceUID": STUDY_UID + ".3",
        "FrameOfReferenceUID": STUDY_UID + ".9",
        "StudyDate": "20150601",
        "StudyTime": "101112",
        "SeriesDate": "20150601",
        "AcquisitionDate": "20150601",
        "AcquisitionTime": "101500",
        "AcquisitionDateTime": "20150601101500.25",
        "StudyDescription": f"CT Abdomen {NAME}",
        "SeriesDescription": f"Leber arteriell {GIVEN} {NAME} 5 mm",
        "ProtocolName": f"Leber 3 Phasen Dr. {GIVEN}",
        "ImageComments": f"Patientin {NAME}, geb. 17.12.1943",
        "Manufacturer": "Acme",
        "SoftwareVersions": f"VB17 installed for {NAME.upper()}",
        "SeriesNumber": 3,
        "OtherPatientIDsSequence": Sequence([item(PatientID=OTHER_ID, TypeOfPatientID="TEXT")]),
        "ReferencedImageSequence": Sequence(
            [
                item(
                    ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2",
                    ReferencedSOPInstanceUID=STUDY_UID + ".3.77",
                )
            ]
        ),
        "OriginalAttributesSequence": Sequence(
            [item(ModifiedAttributesSequence=Sequence([item(PatientName=f"{NAME}^Alt")]))]
        ),
    }
    given.update(elements)
    return image(pixels, position=position, **given)


def add_private(ds: Dataset) -> None:
    """A private block that holds the name."""
    block = ds.private_block(0x0029, "ACME HEADER", create=True)
    block.add_new(0x10, "LO", f"{NAME}^{GIVEN}")
    block.add_new(0x11, "SQ", [item(PatientName=f"{NAME}^{GIVEN}")])


def add_unknown(ds: Dataset) -> None:
    """Attributes without a known representation: one known by name, one by nobody."""
    ds[0x00104000] = DataElement(0x00104000, "UN", f"comment on {NAME} ".encode())
    ds[0x00211234] = DataElement(0x00211234, "UN", f"{NAME} ".encode())
    ds[0x00200FF0] = DataElement(0x00200FF0, "UN", f"{NAME} ".encode())


def write_patient(folder: Path, *, slices: int = 6, shape=(8, 9), series: int = 3, **elements):
    """A series of CT slices of this patient; its files are called like her."""
    volume = ramp(slices, shape)
    paths = []
    for index in range(slices):
        ds = patient_slice(
            volume[index],
            position=np.array([-10, -20, 30]) + index * np.array([0.0, 0, 2.5]),
            InstanceNumber=index + 1,
            SOPInstanceUID=f"{STUDY_UID}.{series}.{index + 1}",
            **{"SeriesNumber": series, **elements},
        )
        add_private(ds)
        paths.append(save(ds, folder / f"{NAME}_{series}_{index:03d}.dcm"))
    return paths
